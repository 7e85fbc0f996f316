#!/usr/bin/env bash
# Rebuilds every .wasm of this folder from the source beside it. The results are committed: no test runs this.
#
# C and C++: Debian's clang-22, lld-22, wasi-libc, libclang-rt-22-dev-wasm32, libc++-22-dev-wasm32 and
# libc++abi-22-dev-wasm32. Rust 1.63, Zig and AssemblyScript: `../corpus/fetch.sh toolchains` puts them into
# $NATIVIZE_CORPUS/toolchain, by default .corpus at the top of the repository.
#
# Usage: build.sh [NAME...]      without a name, everything
set -euo pipefail
cd "$(dirname "$0")"
tools=$(realpath -m "${NATIVIZE_CORPUS:-../../.corpus}")/toolchain

build() {
  local source=$1 name=${1%.*}
  echo "$source -> $name.wasm"
  case $source in
    vectors.c)
      clang-22 -Wall -Wno-deprecated --target=wasm32-wasi --no-wasm-opt -O3 -msimd128 -Wl,--strip-debug "$source" \
        -o "$name.wasm"
      ;;
    *.c)
      clang-22 -Wall -Wno-deprecated --target=wasm32-wasi --no-wasm-opt -O2 -Wl,--strip-debug "$source" -o "$name.wasm"
      ;;
    *.cpp)
      clang++-22 -std=c++20 -Wall -Wno-deprecated --target=wasm32-wasi --no-wasm-opt -O2 -fno-exceptions -Wl,--strip-debug \
        "$source" -o "$name.wasm"
      ;;
    *.rs)
      LD_LIBRARY_PATH=$tools/rust/usr/lib/x86_64-linux-gnu "$tools/rust/usr/bin/rustc" --sysroot "$tools/rust/usr" \
        --edition 2021 --target wasm32-wasi -C linker="$tools/rust/usr/lib/llvm-14/bin/wasm-ld" -C opt-level=s -C lto=fat \
        -C codegen-units=1 -C panic=abort -C strip=debuginfo --remap-path-prefix "$tools=/tools" "$source" -o "$name.wasm"
      ;;
    *.zig)
      "$tools/python/bin/python" -m ziglang build-exe -target wasm32-wasi -O ReleaseSmall "$source" --name "$name"
      rm -f "$name.wasm.o"
      ;;
    *.ts)
      # asc takes its library paths relative to its working directory.
      cp "$source" "$tools/node/$source"
      (cd "$tools/node" && node_modules/.bin/asc "$source" --config node_modules/@assemblyscript/wasi-shim/asconfig.json -O3 \
        -o "$name.wasm")
      mv "$tools/node/$name.wasm" .
      rm "$tools/node/$source"
      ;;
  esac
  chmod 644 "$name.wasm"
}

for source in *.c *.cpp *.rs *.zig *.ts; do
  if [[ $# -eq 0 || " $* " == *" ${source%.*} "* ]]; then
    [[ $source == main.rs ]] || build "$source"
  fi
done
