#!/usr/bin/env bash
# Rebuilds c.wasm and rust.wasm from the sources in `guest`. The results are committed: no test runs this.
#
# Debian's clang-22, lld-22, wasi-libc and libclang-rt-22-dev-wasm32; Rust 1.63 as in `../programs/build.sh`.
set -euo pipefail
cd "$(dirname "$0")"
tools=$(realpath -m "${NATIVIZE_CORPUS:-../../.corpus}")/toolchain

clang-22 -std=c17 -Wall -Wextra -Werror -Wno-deprecated --target=wasm32-wasi --no-wasm-opt -Os -Wl,--strip-debug guest/*.c -o c.wasm
if [[ -e guest/rust.rs ]]; then
LD_LIBRARY_PATH=$tools/rust/usr/lib/x86_64-linux-gnu "$tools/rust/usr/bin/rustc" --sysroot "$tools/rust/usr" \
  --edition 2021 --target wasm32-wasi -C linker="$tools/rust/usr/lib/llvm-14/bin/wasm-ld" -C opt-level=s -C lto=fat \
  -C codegen-units=1 -C panic=abort -C strip=debuginfo --remap-path-prefix "$tools=/tools" guest/rust.rs -o rust.wasm
fi
chmod 644 ./*.wasm
