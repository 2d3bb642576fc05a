#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Checks that need no build: the include rule, the scripts, the licence lines, the documentation. Of the latter, what
# is generated from the code, and names of tests, are compared if there is a build as new as the sources.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

failed=0
# verdict NAME COMMAND...: a PASS or FAIL line; what the command says goes before it, for the reader
verdict() {
	local name=$1 words
	shift
	if words=$("$@" 2>&1); then
		echo "PASS $name"
	else
		printf '%s\n' "$words" >&2
		echo "FAIL $name: $(grep -m 1 . <<<"$words" || echo "$*")"
		failed=1
	fi
}

verdict include_rule scripts/check-includes.sh
scripts/check-includes.sh --self-test || failed=1
unlicensed=$(grep -rL --include='*.[ch]' --include='*.sh' --include=meson.build --include=run \
	SPDX-License-Identifier: bpf drivers app scripts .ci meson.build GNUmakefile) || true
verdict "licence_lines${unlicensed:+ ($unlicensed)}" test -z "$unlicensed"
verdict documents scripts/check-docs.sh
verdict features_table scripts/features.sh --check
if words=$(scripts/features.sh --check-tool 2>&1); then
	echo "PASS documents_match_code"
elif [ $? = 77 ]; then
	echo "SKIP documents_match_code: $words"
else
	verdict documents_match_code scripts/features.sh --check-tool
fi
if have sphinx-build; then
	verdict guide_builds sphinx-build -q -W --keep-going -b html doc "$BUILD/doc"
else
	echo "SKIP guide_builds: no sphinx-build (make docs installs it)"
fi
# test-apps.sh has them all in one shell.
twice=$(grep -hoE '^[a-z_0-9]+\(\)' scripts/apps/*.sh scripts/{stage,lib,test-apps}.sh | sort | uniq -d)
verdict "app_functions_once${twice:+ ($twice)}" test -z "$twice"
if have shellcheck; then
	verdict shellcheck shellcheck -x scripts/*.sh scripts/apps/*.sh .ci/run
else
	echo "SKIP shellcheck: not installed"
fi
exit $failed
