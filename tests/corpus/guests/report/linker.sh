#!/usr/bin/env bash
# rustc's linker for wasm32-wasip1: wasm-ld with Debian's wasi-libc in place of the one that rustup would have brought.
set -euo pipefail
arguments=()
for argument in "$@"; do
  [[ $argument == crt1-command.o ]] && argument=/usr/lib/wasm32-wasi/crt1-command.o
  arguments+=("$argument")
done
exec wasm-ld-22 "${arguments[@]}" -L/usr/lib/wasm32-wasi
