#!/usr/bin/env bash
# Rebuilds guest.wasm. The result is committed: no test runs this. Needs what `../conformance/build.sh` does for C.
set -euo pipefail
cd "$(dirname "$0")"
clang-22 -std=c17 -Wall -Wextra -Werror -Wno-deprecated --target=wasm32-wasi --no-wasm-opt -Os -Wl,--strip-debug guest.c -o guest.wasm
chmod 644 guest.wasm
