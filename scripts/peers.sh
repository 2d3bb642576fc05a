#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Scenarios of other projects' tests on our port:  make peers
#
# Runs the cases that doc/peers.tsv names, and prints for each scenario what came of them; OUT=doc/peers.md writes the
# page. Ends with "N passed, N failed, N skipped", of scenarios.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

table=$ROOT/doc/peers.tsv
tool=$BUILD/app/test-xsk/dpdk-test-xsk
results=$BUILD/peers
rows() { grep -v '^#' "$table"; }
cases() { rows | cut -f 4 | tr ' ' '\n' | sed -n "s,^$1/,,p" | sort -u; }

# The verdicts of a runner's cases, with its name in front.
run() { # RUNNER COMMAND...
	local runner=$1 names
	shift
	mapfile -t names < <(cases "$runner")
	say "$runner: ${#names[@]} cases"
	"$@" "${names[@]}" </dev/null 2>/dev/null |
		sed -unE "s,^(PASS|FAIL|SKIP) ([a-zA-Z0-9_]*),\1 $runner/\2,p" >>"$results" || true
}

# verdict CASE...: PASS if all passed, FAIL if one failed or was not run, SKIP otherwise
verdict() {
	local name worst=PASS line
	for name in "$@"; do
		line=$(grep -m 1 -E "^[A-Z]+ $name( |:|$)" "$results" || echo "FAIL $name: not run")
		case $line in
		FAIL*) worst=FAIL && echo "    $line" >&2 ;;
		SKIP*)
			echo "    $line" >&2
			[ $worst = FAIL ] || worst=SKIP
			;;
		esac
	done
	echo $worst
}

report() {
	local project test scenario names remark result
	printf '| %s | %s | %s | %s | %s |\n' From Test Scenario 'Cases here' Result --- --- --- --- ---
	while IFS=$'\t' read -r project test scenario names remark; do
		result='-'
		# shellcheck disable=SC2086 # words
		[ "$names" = - ] || result=$(verdict $names)
		[ "$names" = - ] || names=\`${names// /\` \`}\`
		printf '| %s | %s | %s | %s | %s |\n' "$project" "$test" "$scenario" "$names${remark:+ ($remark)}" "$result"
	done < <(rows | sed 's/\t\t/\t-\t/')
}
count() { grep -c "| $1 |\$" "$BUILD/peers.md" || true; }

page() {
	cat <<-END
		# Scenarios of other projects' tests

		Made by \`make peers OUT=doc/peers.md\` on $(date -u +%F), of commit $(git -C "$ROOT" rev-parse --short HEAD), with $(. /etc/os-release && echo "$PRETTY_NAME") and
		Linux $(uname -r), from [peers.tsv](peers.tsv). \`func/\` and \`unit/\` are cases of \`dpdk-test-xsk\`, \`apps/\` of
		\`scripts/test-apps.sh\`; \`-\`: no case, with the reason.

	END
	cat "$BUILD/peers.md"
}

is_root || die "needs root, for network namespaces and BPF"
"$ROOT/scripts/setup.sh" apps || say "going on without some applications"
alone "${BUILD##*/}-peers" 10
huge_pages 1536 # the pool of event adapters' tests has 512 Ki mbufs
: >"$results"
run unit "$tool" unit -j 2
run func "$tool" func -j 2
run apps env OUT='' "$ROOT/scripts/test-apps.sh"
report >"$BUILD/peers.md"
cat "$BUILD/peers.md"
[ -z "${OUT:-}" ] || page >"$OUT"
printf '\n%d passed, %d failed, %d skipped\n' "$(count PASS)" "$(count FAIL)" "$(count SKIP)"
[ "$(count FAIL)" -eq 0 ] || exit 1
[ "$(count PASS)" -gt 0 ] || exit 77
