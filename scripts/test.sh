#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Everything that can be checked on this machine:  make test
#
# What CI has time for and a user's ten minutes do not: with CI=true, or VM=1, real NIC drivers in virtual machines, the
# essential cases (make vm-test runs all); with CI=true, or MATRIX=1, the quick part of make matrix for the other
# releases, 25 minutes at most.
#
# Each runner prints a line per case: "PASS name", "FAIL name: why" or "SKIP name: why". Here they get the
# runner's name in front and are counted; the last line is the sum. What else a runner says is in build/test/.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

results=$BUILD/test/results

# run LIMIT RUNNER COMMAND...: the limit is in seconds; exit status 77 says that this machine cannot run it.
run() {
	local limit=$1 runner=$2 status=0 log=$BUILD/test/$2.log began=$SECONDS
	shift 2
	say "$runner"
	setpriv --pdeathsig TERM timeout --foreground --kill-after=5 "$limit" "$@" </dev/null 2>&1 | tee "$log" |
		sed -unE "s/^(PASS|FAIL|SKIP) /\1 $runner\//p" | tee -a "$results" || status=${PIPESTATUS[0]}
	case $status in
	0) ;;
	77) grep -q "^SKIP $runner/" "$results" || tally "SKIP $runner: $(tail -n 1 "$log")" ;;
	124 | 137) tally "FAIL $runner: not finished after $limit s" ;;
	*)
		grep -q "^FAIL $runner/" "$results" || {
			tail -n 20 "$log"
			tally "FAIL $runner: exit status $status ($log)"
		}
		;;
	esac
	say "$runner: $((SECONDS - began)) s"
}
tally() { tee -a "$results" <<<"$*"; }
count() { grep -c "^$1 " "$results" || true; }

# A build is a case of its own: without it the runners that need it are not even tried.
build() { # FOLDER [MESON OPTION]...
	local log
	mkdir -p "$BUILD/test"
	log=$BUILD/test/build-${1##*/}.log
	say "build ${1##*/}"
	if "$ROOT/scripts/build.sh" "$@" >"$log" 2>&1; then
		tally "PASS build/${1##*/}"
	else
		tail -n 30 "$log"
		tally "FAIL build/${1##*/}: see $log"
		return 1
	fi
}

"$ROOT/scripts/setup.sh" test
alone "${BUILD##*/}-test" 10
# build.sh may remove and make the folder anew, so that the results can only begin after it.
"$ROOT/scripts/build.sh"
rm -rf "$BUILD/test"
mkdir -p "$BUILD/test"
tally "PASS build/gcc"

huge_pages 256

tool=$BUILD/app/test-xsk/dpdk-test-xsk
asan=$BUILD-asan/app/test-xsk/dpdk-test-xsk

run 60 lint "$ROOT/scripts/lint.sh"
run 120 unit "$tool" unit -j 2
run 60 install "$ROOT/scripts/test-install.sh"
run 300 valgrind valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --trace-children=yes "$tool" unit -j 2
run 480 func "$tool" func -j 2
run 400 apps "$ROOT/scripts/test-apps.sh"

if build "$BUILD-asan" -Db_sanitize=address,undefined -Db_lundef=false -Ddebug_mbufs=true; then
	# Leaks are valgrind's: EAL keeps memory until the process ends.
	export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	run 120 asan-unit "$asan" unit -j 2
	run 900 asan-func "$asan" func -j 2
fi
CC=clang build "$BUILD-clang" || true
unset ASAN_OPTIONS UBSAN_OPTIONS

if [ "${CI:-}" = true ] || [ "${VM:-}" ]; then
	run 900 vm env QUICK=1 BUILD="$BUILD" "$ROOT/scripts/vm-test.sh"
fi
if [ "${CI:-}" = true ] || [ "${MATRIX:-}" ]; then
	run 1500 matrix env QUICK=1 COMPILERS=gcc ROOT_LIMIT=420 "$ROOT/scripts/matrix.sh" trixie forky
fi

failed=$(count FAIL)
passed=$(count PASS)
if [ "$failed" -gt 0 ]; then
	printf '\n'
	grep '^FAIL ' "$results"
fi
printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$(count SKIP)"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
