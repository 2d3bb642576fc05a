#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A command in the root of a Debian release, with this tree built there:  in-root.sh RELEASE [VARIABLE=VALUE]... COMMAND...
#
# Status 77, with the reason in the last line: there is no such root, and none can be made. Settings: scripts/roots.sh
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/roots.sh"
apart "$@"

if [ "$1" = --prepare ]; then
	prepare "$2"
	exit
fi
name=$1
shift
ready "$name" || {
	echo "$WHY_NOT"
	exit 77
}
build=$(build_of "$name" gcc)
log=$BUILD/roots/$name-build.log
inside "$name" BUILD="$build" scripts/build.sh >"$log" 2>&1 || {
	tail -n 20 "$log" >&2
	die "does not build in $name: see $log"
}
inside "$name" BUILD="$build" "$@"
