#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Prints a path of the plugin (PLUGIN, or the one in build/) that EAL's -d accepts:  plugin-path.sh
# Removes the copy that it may have made for that:                                  plugin-path.sh --clean
#
# EAL refuses a plugin with a world-writable folder anywhere above it, as /tmp is, sticky or not
# (lib/eal/common/eal_common_options.c, verify_perms). Then a copy in a private folder is kept up to date.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

accepted() { # PATH: nothing on the way to it is world-writable
	local dir
	dir=$(realpath -m "$1")
	while :; do
		if [ -e "$dir" ] && [[ $(stat -c %A "$dir") == ????????w? ]]; then
			return 1
		fi
		[ "$dir" != / ] || return 0
		dir=$(dirname "$dir")
	done
}

plugin=${PLUGIN:-$BUILD/drivers/net/xskpmd/librte_net_xskpmd.so}
if is_root; then
	base=/run/xskpmd
else
	base=${XDG_RUNTIME_DIR:-$HOME/.cache}/xskpmd
fi
# One folder per clone, so that two clones do not fight.
copy=$base/$(printf %s "$plugin" | cksum | cut -d ' ' -f 1)/${plugin##*/}
if [ "${1:-}" = --clean ]; then
	rm -rf "${copy%/*}"
	exit
fi

[ -e "$plugin" ] || die "$plugin is not built: run make build"
# EAL loads what is installed first, and of two copies the first gets the ports.
installed=("$(pkg-config --variable=libdir libdpdk 2>/dev/null)"/dpdk/pmds-*/librte_net_xskpmd.so)
if [ -e "${installed[0]}" ] && ! cmp -s "$plugin" "${installed[0]}"; then
	say "note: ${installed[0]} is installed, and will be used instead: make uninstall"
fi
if accepted "$plugin"; then
	echo "$plugin"
	exit
fi

accepted "$base" || die "$base is below a world-writable folder too: clone the repository elsewhere"
install -d -m 755 "$base" "${copy%/*}"
[ -O "$base" ] && [ -O "${copy%/*}" ] || die "$base belongs to someone else"
if ! cmp -s "$plugin" "$copy"; then
	install -m 755 "$plugin" "$copy.new"
	mv "$copy.new" "$copy"
fi
echo "$copy"
