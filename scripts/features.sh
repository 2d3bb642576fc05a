#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Writes the generated parts of the documentation:
#
#   features.sh               doc/features.tsv -> doc/features.md and doc/guides/nics/features/xskpmd.ini;
#                             dpdk-test-xsk devargs -> the tables between the devargs marks of README.md and the guide
#   features.sh --check       says what of the first differs, and where the table contradicts itself
#   features.sh --check-tool  says what of the second differs, and which tests named in the documentation do not
#                             exist; status 77 when there is no dpdk-test-xsk as new as its sources
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

table=doc/features.tsv
ini=doc/guides/nics/features/xskpmd.ini
md=doc/features.md
guide=doc/guides/nics/xskpmd.rst
tool=$BUILD/app/test-xsk/dpdk-test-xsk

failed=0
complain() {
	echo "$*"
	failed=1
}

# ---- what is generated ----

ini() {
	cat <<-'END'
		;
		; Supported features of the 'xskpmd' network poll mode driver.
		;
		; Refer to default.ini for the full list of available PMD features.
		; Generated from doc/features.tsv by scripts/features.sh: each line has a test there.
		;
		[Features]
	END
	awk -F '\t' '!/^#/ && $2 != "-" { printf "%-20s = %s\n", $1, $2 }' $table
}

md() {
	cat <<-'END'
		# Features

		Generated from [features.tsv](features.tsv) by `scripts/features.sh`; `make lint` compares. The rows are those
		of DPDK's `doc/guides/nics/features/default.ini`. `P` is "in part". The last columns say where: veth is what the
		tests run on; on igb and virtio-net (zero-copy, in a virtual machine: `scripts/vm.sh`) the port was asked by
		`dpdk-test-xsk features`; `?` is "nobody has tried".

		A test is a case of `dpdk-test-xsk func` or `unit` (run one by its name: `build/app/test-xsk/dpdk-test-xsk func
		NAME`), `apps/NAME` one of `scripts/test-apps.sh NAME`, `lint/NAME` one of `make lint`. The test
		`features_match` asks a running port for each row that a port can be asked for, and fails if it can less, or
		more, than this table says; `dpdk-test-xsk features EAL-OPTIONS` shows the same for any port.

		| Feature | | How | Tests | veth | igb | virtio |
		|---|---|---|---|---|---|---|
	END
	awk -F '\t' '!/^#/ && $2 != "-" {
		gsub(/[^ ]+/, "`&`", $6)
		printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1, $2, $7, $6, $3, $4, $5 }' $table
	printf '\n## What is not there\n\n| Feature | Why |\n|---|---|\n'
	awk -F '\t' '!/^#/ && $2 == "-" { printf "| %s | %s |\n", $1, $7 }' $table
}

devargs_md() { "$tool" devargs md; }
# in lines of 120 columns
devargs_rst() { "$tool" devargs rst | fold -s -w 112 | sed -E 's/ +$//; /^( |\.\.|$)/!s/^/       /'; }

# with_table FILE BEGIN END COMMAND: the file, with what the command prints between the lines BEGIN and END
with_table() {
	grep -qxF -- "$2" "$1" && grep -qxF -- "$3" "$1" || die "$1 has no lines '$2' and '$3'"
	awk -v begin="$2" -v end="$3" -v new="$("$4")" '
		$0 == end { print new; print ""; skip = 0 }
		!skip { print }
		$0 == begin { print ""; skip = 1 }' "$1"
}
readme() { with_table README.md '<!-- devargs: begin -->' '<!-- devargs: end -->' devargs_md; }
guide() { with_table $guide '.. devargs: begin' '.. devargs: end' devargs_rst; }

# write FILE COMMAND, same FILE COMMAND
write() {
	local text
	text=$("$2")
	printf '%s\n' "$text" >"$1"
}
same() {
	diff -u "$1" <("$2") >/dev/null || complain "$1 is not what scripts/features.sh makes of its source: run it"
}

# ---- what is checked ----

check_rows() {
	local name value veth igb virtio tests how
	while IFS=$'\t' read -r name value veth igb virtio tests how; do
		[[ $name != \#* ]] || continue
		[[ $value == [YP-] && $veth == [Y?-] && $igb == [Y?-] && $virtio == [Y?-] && $how ]] ||
			complain "$table: $name: needs 7 columns, of which 2 to 5 are Y, P, ? or -"
		if [ "$value" = - ]; then
			[ "$veth$igb$virtio$tests" = ---- ] || complain "$table: $name: is not a feature, but has tests or works"
		else
			[ "$tests" != - ] || complain "$table: $name: $value without a test"
		fi
	done <$table
}

# Names of tests in the table, and in the text: `func NAME`, `unit NAME`, `nic NAME`.
tests_named() {
	awk -F '\t' '!/^#/ && $6 != "-" { print $6 }' $table | tr ' ' '\n'
	grep -ohE '`(func|unit|nic) [a-zA-Z0-9_]*[a-z0-9_][a-zA-Z0-9_]*`' README.md CONTRIBUTING.md $guide doc/*.md |
		sed -E 's/`\w+ (.*)`/\1/'
}

check_tests() {
	local name known
	known=$("$tool" func --list && "$tool" unit --list && "$tool" nic --list)
	known=$(awk '{ print $1 }' <<<"$known")
	while read -r name; do
		case $name in
		apps/*) grep -q "^case_${name#apps/}()" scripts/apps/*.sh ;;
		lint/*) grep -qE "^verdict \"?${name#lint/}( |\")" scripts/lint.sh ;;
		*) grep -qxF -- "$name" <<<"$known" ;;
		esac || complain "there is no test $name"
	done < <(tests_named | sort -u)
}

tool_is_new() {
	[ -x "$tool" ] && [ -z "$(find drivers/net/xskpmd app/test-xsk -newer "$tool" \
		! -path '*/bench/*' ! -name '*.bpf.c' -name '*.[ch]' -print -quit)" ]
}

case ${1:-} in
--check)
	check_rows
	same $ini ini
	same $md md
	;;
--check-tool)
	tool_is_new || {
		echo "no dpdk-test-xsk as new as its sources: make build"
		exit 77
	}
	check_tests
	same README.md readme
	same $guide guide
	;;
'')
	tool_is_new || die "needs a dpdk-test-xsk as new as its sources: make build"
	write $ini ini
	write $md md
	write README.md readme
	write $guide guide
	;;
*) die "usage: features.sh [--check|--check-tool]" ;;
esac
exit $failed
