#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The same tree with the DPDK of each supported Debian release:  matrix.sh [ROW]...
#
# A row is a release (bookworm, trixie, forky) or arm64, which is cross-compiled only; all of them by default. The
# host's own release runs as it is, each other in a root, see scripts/roots.sh.
#
#   QUICK=1             the functional suite with gcc only, and without its slow cases
#   COMPILERS=gcc       not with clang
#   OUT=doc/matrix.md   also write the table there, with date and versions
#   MATRIX_LOCK=FILE    run the functional suite under flock of this file
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/roots.sh"
apart "$@"

RELEASES='bookworm trixie forky'
out=$BUILD/matrix

# ---- cells: PASS, FAIL or SKIP; what stands in the table; why ----

cell() { # VERDICT ROW CELL TEXT
	echo "$1 $2/$3${4:+: $4}" | tee -a "$out/results" >&2
}
last_line() { tail -n 1 "$1"; }

# suite ROW NAME-OF-ROOT SUITE LIMIT COMMAND...: runs a suite of the tool; prints its cell of the table
suite() {
	local row=$1 name=$2 suite=$3 limit=$4 log=$out/${1//\//-}-$3.log status=0 sum
	shift 4
	say "$row: $suite"
	inside "$name" timeout --kill-after=5 "$limit" "$@" >"$log" 2>&1 || status=$?
	sum=$(sed -n "s/^$suite: \([0-9]* passed, [0-9]* failed, [0-9]* skipped\).*/\1/p" "$log" | tail -n 1)
	case $status in
	0) cell PASS "$row" "$suite" "$sum" ;;
	77) cell SKIP "$row" "$suite" "$(last_line "$log")" ;;
	124 | 137) cell FAIL "$row" "$suite" "not finished after $limit s ($log)" ;;
	*) cell FAIL "$row" "$suite" "$(grep -m 1 '^FAIL' "$log" || last_line "$log") ($log)" ;;
	esac
	grep -E -m 20 '^(FAIL|SKIP) ' "$log" | sed "s|^|    $row: |" >&2 || true
	in_short "${sum:-no result}"
}
# in_short SUM: what is 0 is left out
in_short() {
	local sum=${1/ passed, 0 failed/}
	echo "${sum/, 0 skipped/}"
}

# The quick cases of make apps, which print a line each, and no sum.
applications() { # ROW NAME-OF-ROOT BUILD
	local log=$out/${1//\//-}-apps.log status=0 sum='' verdict passed failed skipped
	say "$1: applications"
	inside "$2" BUILD="$3" OUT='' timeout --kill-after=5 900 scripts/test-apps.sh >"$log" 2>&1 || status=$?
	for verdict in PASS FAIL SKIP; do
		sum+=$(grep -c "^$verdict " "$log" || true)' '
	done
	read -r passed failed skipped <<<"$sum"
	sum="$passed passed, $failed failed, $skipped skipped"
	case $status in
	0) cell PASS "$1" apps "$sum" ;;
	77) cell SKIP "$1" apps "$sum" ;;
	124 | 137) cell FAIL "$1" apps "not finished after 900 s ($log)" ;;
	*) cell FAIL "$1" apps "$(grep -m 1 '^FAIL' "$log" || last_line "$log") ($log)" ;;
	esac
	grep -E '^(FAIL|SKIP) ' "$log" | sed "s|^|    $1: |" >&2 || true
	in_short "$sum"
}

# dpdk_of NAME: of which version; and of which the driver's headers are, if not of the same
dpdk_of() {
	local version headers
	version=$(version_of "$1" libdpdk-dev)
	headers=$(cat "$ROOT/.cache/sdk/$(inside "$1" dpkg-query -W -f '${Version}' libdpdk-dev)/.source" 2>/dev/null) || true
	echo "$version$([ "${headers:-$version}" = "$version" ] || echo " (driver headers: $headers)")"
}
version_of() { # NAME PACKAGE
	inside "$1" dpkg-query -W -f '${Version}\n' "$2" | sed -n '1s/^[0-9]*://; 1s/[-+].*//p'
}
compiler() { # NAME CC
	echo "$2 $(inside "$1" "$2" --version | sed -n '1s/.* \([0-9][0-9.]*\).*/\1/p')"
}
table() { printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$@" >>"$out/table"; }

row() { # RELEASE CC
	local row=$1/$2 build unit=- func=- apps=- built=yes
	build=$(build_of "$1" "$2")
	local tool=$build/app/test-xsk/dpdk-test-xsk

	say "$row: build"
	if inside "$1" CC="$2" BUILD="$build" scripts/build.sh >"$out/$1-$2-build.log" 2>&1; then
		cell PASS "$row" build ''
		unit=$(suite "$row" "$1" unit 180 "$tool" unit -j 2)
		if [ "${QUICK:-}" ] && [ "$2" != gcc ]; then
			cell SKIP "$row" func "not with QUICK"
		else
			[ -z "${MATRIX_LOCK:-}" ] || exec 8>"$MATRIX_LOCK"
			[ -z "${MATRIX_LOCK:-}" ] || flock 8
			func=$(suite "$row" "$1" func 1200 "$tool" func -j 2 ${QUICK:+--quick})
			exec 8>&-
		fi
		[ "$2" != gcc ] || apps=$(applications "$row" "$1" "$build")
	else
		built=no
		tail -n 20 "$out/$1-$2-build.log" >&2
		cell FAIL "$row" build "$(grep -m 1 'error:' "$out/$1-$2-build.log" || echo "see $out/$1-$2-build.log")"
	fi
	table "$(release_name "$1")" "$(dpdk_of "$1")" "$(version_of "$1" libxdp-dev)" \
		"$(version_of "$1" libbpf-dev)" "$(compiler "$1" "$2")" "$built" "$unit" "$func" "$apps"
}

release_name() { # NAME
	inside "$1" sh -c '. /etc/os-release && echo "$NAME ${VERSION_ID:-testing} ($VERSION_CODENAME)"' |
		sed 's,GNU/Linux ,,'
}

release() { # RELEASE
	local cc
	ready "$1" || {
		cell SKIP "$1" root "$WHY_NOT"
		return 0
	}
	for cc in ${COMPILERS:-gcc clang}; do
		row "$1" $cc
	done
}

# ---- arm64: only whether it builds ----

cross() {
	local log=$out/arm64-gcc-build.log built=no libdir=/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig
	ready arm64 PKG_CONFIG_LIBDIR=$libdir || {
		cell SKIP arm64 root "$WHY_NOT"
		return 0
	}
	say "arm64: build"
	if inside arm64 PKG_CONFIG_LIBDIR=$libdir scripts/build.sh "$(build_of arm64 gcc)" \
		--cross-file /work/cross.ini >"$log" 2>&1 && ! grep -q 'warning:' "$log"; then
		cell PASS arm64 build ''
		built=yes
	else
		tail -n 20 "$log" >&2
		cell FAIL arm64 build "$(grep -m 1 -E 'error:|warning:' "$log" || echo "see $log")"
	fi
	table "$(release_name arm64), arm64" "$(dpdk_of arm64)" "$(version_of arm64 libxdp-dev)" \
		"$(version_of arm64 libbpf-dev)" "$(compiler arm64 aarch64-linux-gnu-gcc)" $built - - -
}

# ---- all of it ----

selected=("${@:-}")
[ "${selected[0]}" ] || read -ra selected <<<"$RELEASES arm64"
alone "${BUILD##*/}-matrix" 10
rm -rf "$out"
mkdir -p "$out"
table Release DPDK libxdp libbpf Compiler Builds Unit Functional Applications
table --- --- --- --- --- --- --- --- ---
for name in "${selected[@]}"; do
	[[ " $RELEASES arm64 " == *" $name "* ]] || die "no row $name: $RELEASES arm64"
	case $name in
	arm64) cross ;;
	*) release "$name" ;;
	esac
done

count() { grep -c "^$1 " "$out/results" || true; }
notes() { grep -E '^(FAIL|SKIP) ' "$out/results" || true; }

page() {
	cat <<-END
		# Version matrix

		Made by \`${DPDK_SOURCES:+DPDK_SOURCES=DIR }${QUICK:+QUICK=1 }make matrix OUT=${OUT#"$ROOT/"}\`, $(date -u +%F), of commit $(git -C "$ROOT" rev-parse --short HEAD),
		with Linux $(uname -r) of the host in every row. Unit, Functional, Applications (the
		quick cases of \`make apps\`): cases passed, and failed or skipped if there are any; \`-\`: not run.
		${QUICK:+With QUICK, the slow functional cases are left out.}

	END
	cat "$out/table"
	printf '\n'
	notes | sed 's/^/- /'
}

printf '\n'
cat "$out/table"
notes | sed 's/^/    /'
[ -z "${OUT:-}" ] || page >"$OUT"
printf '\n%d passed, %d failed, %d skipped\n' "$(count PASS)" "$(count FAIL)" "$(count SKIP)"
[ "$(count FAIL)" -eq 0 ] || exit 1
[ "$(count PASS)" -gt 0 ] || exit 77
