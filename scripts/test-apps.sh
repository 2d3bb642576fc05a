#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Applications that nobody here wrote, with the plugin, on veth pairs:  test-apps.sh [CASE]...
#
# Each is the distribution's binary, or compiled, unmodified, from its sources; each case has namespaces of its own.
# Without a name: the quick cases, as make test runs them. How the cases are written: scripts/stage.sh.
#
#   ALL=1                     all cases, and a table at the end (make apps)
#   OUT=doc/applications.md   also write the page there, with date, versions and the commands
#   DRIVER=net_af_xdp         the same over DPDK's own driver
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$ROOT/scripts/stage.sh"
for file in "$ROOT"/scripts/apps/*.sh; do
	# shellcheck source=/dev/null # each is checked by itself
	. "$file"
done
out=$BUILD/apps

if [ "${1:-}" = --inside ]; then
	CASE=$2
	COMMANDS=$out/$CASE.commands
	NOTES=$out/$CASE.notes
	"case_$CASE"
	exit
fi

is_root || {
	echo "needs root, for network namespaces and BPF"
	exit 77
}

has_package() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -x installed >/dev/null; }
version_of() { dpkg-query -W -f '${Version}\n' "$1" 2>/dev/null | sed 's/^[0-9]*://; s/[-+].*//'; }
limit() { [ "${EFFORT[$1]}" = quick ] && echo 60 || echo 240; }

# in_root CASE: where its package is; what the case leaves for the page is fetched from that build folder
in_root() {
	local status=0 theirs=$ROOT/build-${RELEASE[$1]}-gcc/apps
	rm -f "$theirs/$1".* # of an earlier run
	setpriv --pdeathsig TERM "$ROOT/scripts/in-root.sh" "${RELEASE[$1]}" \
		IN_ROOT="${RELEASE[$1]}" DRIVER="$DRIVER" scripts/test-apps.sh "$1" \
		>"$out/$1.out" || status=$?
	grep -E "^(PASS|FAIL|SKIP) $1(:|\$)" "$out/$1.out" || case $status in
	77) echo "SKIP $1: $(tail -n 1 "$out/$1.out")" ;;
	*) echo "FAIL $1: ${RELEASE[$1]} is not ready" ;;
	esac
	cp "$theirs/$1".* "$out/" 2>/dev/null || true
}

# try CASE: runs it; prints its line, "PASS name", "FAIL name: why" or "SKIP name: why"
try() {
	local status=0
	if [ "${RELEASE[$1]}" ] && [ -z "${IN_ROOT:-}" ]; then
		in_root "$1"
		return
	fi
	echo "$(version_of "${PACKAGE[$1]}")${IN_ROOT:+ ($IN_ROOT)}" >"$out/$1.version"
	if ! has_package "${PACKAGE[$1]}"; then
		echo "SKIP $1: no package ${PACKAGE[$1]}"
		return
	fi
	isolated timeout -s KILL "$(limit "$1")" "$0" --inside "$1" >"$out/$1.out" || status=$?
	case $status in
	0) echo "PASS $1" ;;
	77) grep '^SKIP ' "$out/$1.out" || echo "FAIL $1: a skip without a reason" ;;
	*) grep '^FAIL ' "$out/$1.out" || echo "FAIL $1: ended early or took over $(limit "$1") s" ;;
	esac
}

# ---- what make apps prints and writes ----

count() { grep -c "^$1 " "$out/results" || true; }

result() { # CASE: the last cell of its row
	local notes words
	notes=$(paste -sd ';' "$out/$1.notes" 2>/dev/null | sed 's/;/; /g') || true
	words=$(sed -n "s/^[A-Z]* $1: //p" "$out/results")
	case $(sed -n "s/^\([A-Z]*\) $1\(:.*\)\{0,1\}$/\1/p" "$out/results") in
	PASS) echo "passed${notes:+; $notes}" ;;
	SKIP) echo "skipped: $words" ;;
	*) echo "failed: $words" ;;
	esac
}

applications() {
	local name
	for name in "${selected[@]}"; do
		echo "${APPLICATION[$name]}"
	done | awk '!seen[$0]++'
}

table() {
	local name application
	printf '| Application | Version | Case | What is done | Result |\n|---|---|---|---|---|\n'
	applications | while read -r application; do
		for name in "${selected[@]}"; do
			[ "${APPLICATION[$name]}" != "$application" ] || printf '| %s | %s | `%s` | %s | %s |\n' \
				"$application" "$(cat "$out/$name.version" 2>/dev/null)" "$name" "${WHAT[$name]}" "$(result "$name")"
		done
	done
}

# The commands of an application's cases, each once, broken at 110 columns: not within quotes, not behind an option.
commands() { # APPLICATION
	local name
	for name in "${selected[@]}"; do
		[ "${APPLICATION[$name]}" != "$1" ] || cat "$out/$name.commands" 2>/dev/null || true
	done | awk '
		function put(words) {
			if (length(line words) > 109) {
				print line " \\"
				line = "       "
			}
			line = line " " words
		}
		!seen[$0]++ {
			line = "   "
			words = ""
			for (i = 1; i <= NF; i++) {
				words = words (words == "" ? "" : " ") $i
				if (gsub(/"/, "&", words) % 2 == 1 || ($i ~ /^--?[a-z]/ && $(i + 1) ~ /^["a-z]/ && $i !~ /=/))
					continue
				put(words)
				words = ""
			}
			if (words != "")
				put(words)
			print line
		}'
}

page() {
	local application words system
	system=$(. /etc/os-release && echo "$PRETTY_NAME")
	cat <<-END
		# Applications

		Programs that nobody here wrote, with the plugin, over veth pairs. Made by \`make apps OUT=doc/applications.md\`
		on $(date -u +%F), of commit $(git -C "$ROOT" rev-parse --short HEAD), with $system and Linux $(uname -r).
		A case alone: \`scripts/test-apps.sh CASE\`. Rates are of this machine and prove nothing about another.

	END
	table
	cat <<-END

		## Commands

		As the cases typed them; only what keeps a test apart from the machine (lcores, memory, telemetry) is left out.
		\`xsk0\` and \`xsk1\` are the interfaces. Samples are compiled from \`/usr/share/dpdk/examples\` (package dpdk-doc).
	END
	applications | while read -r application; do
		words=$(commands "$application")
		[ -z "$words" ] || printf '\n**%s**\n\n%s\n' "$application" "$words"
		[ -z "${REMARK[$application]:-}" ] || printf '\n%s\n' "${REMARK[$application]}" | fmt -w 116
	done
}

# ---- all of it ----

selected=()
for name in "${@:-${CASES[@]}}"; do
	[ "${APPLICATION[$name]:-}" ] || die "no case $name: ${CASES[*]}"
	[ $# -eq 0 ] && [ -z "${ALL:-}" ] && [ "${EFFORT[$name]}" = long ] || selected+=("$name")
done
[ -z "${ALL:-}" ] || "$ROOT/scripts/setup.sh" apps || say "going on without some applications"
"$ROOT/scripts/plugin-path.sh" >/dev/null
alone "${BUILD##*/}-apps" 10
if [ -z "${EAL_MEMORY+set}" ]; then
	need=1024
	[[ " ${selected[*]} " != *" dpdk_test_event_"* ]] || need=1536 # their pool has 512 Ki mbufs
	huge_pages $need
fi
rm -rf "$out"
mkdir -p "$out"
for name in "${selected[@]}"; do
	try "$name" >"$out/verdict" # in this shell: what isolated() runs ends with it
	tee -a "$out/results" <"$out/verdict"
done
if [ "${ALL:-}" ]; then
	printf '\n'
	table
	printf '\n%d passed, %d failed, %d skipped\n' "$(count PASS)" "$(count FAIL)" "$(count SKIP)"
fi
[ -z "${OUT:-}" ] || page >"$OUT"
[ "$(count FAIL)" -eq 0 ] || exit 1
[ "$(count PASS)" -gt 0 ] || exit 77
