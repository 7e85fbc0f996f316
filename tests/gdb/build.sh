#!/usr/bin/env bash
# Rebuilds every .wasm of this folder from the source beside it. The results are committed: no test runs this.
#
# Debian's clang-22, lld-22, wasi-libc and libclang-rt-22-dev-wasm32; Rust 1.95 with the target wasm32-wasip1.
set -euo pipefail
cd "$(dirname "$0")"

c() {
  clang-22 -Wall -Wno-deprecated --no-wasm-opt --target=wasm32-wasi "-ffile-prefix-map=$PWD=." "$@"
}

# Both versions of DWARF: wasi-libc has the older one in any case.
c -O2 -gdwarf-5 lists.c -o lists.wasm
c -O0 -gdwarf-4 lists.c -o lists_O0.wasm
rustc --edition 2024 --target wasm32-wasip1 -g -C opt-level=1 -C lto=fat -C codegen-units=1 -C panic=abort \
  -C link-self-contained=no --remap-path-prefix "$PWD=." --remap-path-prefix "$(rustc --print sysroot)=/rust" \
  shapes.rs -o shapes.wasm
chmod 644 ./*.wasm
