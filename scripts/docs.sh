#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds the guide in doc/ into build/doc:  make docs
set -euo pipefail
. "$(dirname "$0")/lib.sh"

"$ROOT/scripts/setup.sh" docs
say "building the guide"
sphinx-build -q -W --keep-going -b html "$ROOT/doc" "$BUILD/doc"
say "guide ready: $BUILD/doc/index.html"
