#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# From the samples of bench.sh to a page, a CSV and pictures:  bench-report.sh SAMPLES.csv FOLDER
set -euo pipefail
. "$(dirname "$0")/lib.sh"

samples=$1
out=$2

cpu_model=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
commit=$(git -C "$ROOT" describe --always --dirty 2>/dev/null || echo '?')
{
	echo "# Benchmark results"
	echo
	echo "Made by \`make bench${QUICK:+ QUICK=1}\`; the page and its pictures are overwritten by the next run."
	echo
	echo "| | |"
	echo "|---|---|"
	echo "| date | $(date -u +%F) |"
	echo "| commit | $commit |"
	echo "| processor | ${cpu_model:-$(uname -m)}, $(nproc) CPUs, $(getconf LEVEL2_CACHE_SIZE | awk '{ print $1 / 1024 }') KiB L2 |"
	echo "| virtual machine of | $(LC_ALL=C lscpu | sed -n 's/^Hypervisor vendor: *//p' | grep . || echo none) |"
	echo "| kernel | $(uname -r) |"
	echo "| load average before | ${LOAD:-?} |"
	echo "| DPDK | $(pkg-config --modversion libdpdk) |"
	echo
} >"$out/results.md"
awk -v out="$out" -f "$ROOT/scripts/bench-report.awk" "$samples"
say "results: ${out#"$ROOT/"}/results.md, results.csv, *.svg"
sed -n '/^## Must reach/,/^## /{/^## [^M]/!p}' "$out/results.md"
