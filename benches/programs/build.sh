#!/usr/bin/env bash
# Rebuilds the .wasm files of this folder from the sources beside them. The results are committed: no test runs this.
#
# C and C++: Debian's clang-22, lld-22, wasi-libc, libclang-rt-22-dev-wasm32, libc++-22-dev-wasm32.
#
# Usage: build.sh [NAME...]      without a name, everything
set -euo pipefail
cd "$(dirname "$0")"

flags=(-Wall -Wno-deprecated --target=wasm32-wasi --no-wasm-opt -O2 -Wl,--strip-debug)

build() {
  local source=$1 name=${1%.*}
  echo "$source -> $name.wasm"
  case $source in
    simd.c) clang-22 "${flags[@]}" -msimd128 "$source" -o "$name.wasm" ;;
    *.c) clang-22 "${flags[@]}" "$source" -o "$name.wasm" ;;
    *.cpp) clang++-22 "${flags[@]}" -std=c++20 -fno-exceptions "$source" -o "$name.wasm" ;;
  esac
  chmod 644 "$name.wasm"
}

for source in *.c *.cpp; do
  if [[ $# -eq 0 || " $* " == *" ${source%.*} "* ]]; then
    build "$source"
  fi
done
