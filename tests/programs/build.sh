#!/usr/bin/env bash
# Rebuilds every .wasm of this folder from the source beside it. The results are committed: no test runs this.
#
# C and C++: Debian's clang-22, lld-22, wasi-libc, libclang-rt-22-dev-wasm32, libc++-22-dev-wasm32 and
# libc++abi-22-dev-wasm32. Rust 1.63, Zig, AssemblyScript, a sysroot with setjmp, and the sources of libc++abi and libunwind
# (Debian's are built without exceptions): `../corpus/fetch.sh toolchains` puts them into $NATIVIZE_CORPUS/toolchain, by
# default .corpus at the top of the repository. Programs with threads: wasi-libc with threads comes with
# `rustup target add wasm32-wasip1-threads`, its headers are Zig's.
#
# What throws or jumps is built twice: NAME.wasm in the standard form of exceptions, NAME_legacy.wasm in the older one.
#
# Usage: build.sh [NAME...]      without a name, everything
set -euo pipefail
cd "$(dirname "$0")"
tools=$(realpath -m "${NATIVIZE_CORPUS:-../../.corpus}")/toolchain

# Compiles what C++ programs need to throw, in the form of exceptions that `-wasm-use-legacy-eh=$1` asks for, and prints
# the folder. Two sources want small things: `threads.h`, of which nothing is used, and the tag itself.
exceptions_runtime() {
  local folder=$tools/exceptions-$1 library source
  library=$(echo "$tools"/python/lib/python3*/site-packages/ziglang/lib)
  if [[ ! -d $folder ]]; then
    rm -rf "$folder.tmp"
    mkdir -p "$folder.tmp/include"
    : >"$folder.tmp/include/threads.h"
    local flags=(-w --target=wasm32-wasi -O2 -DNDEBUG -fwasm-exceptions -mllvm "-wasm-use-legacy-eh=$1" -I"$library/libunwind/include")
    for source in abort_message cxa_{aux_runtime,default_handlers,demangle,exception,exception_storage,guard,handlers} \
      cxa_{personality,vector,virtual} fallback_malloc private_typeinfo stdlib_{exception,new_delete,stdexcept,typeinfo}; do
      clang++-22 "${flags[@]}" -std=c++26 -D_LIBCXXABI_BUILDING_LIBRARY -D_LIBCPP_BUILDING_LIBRARY -D_LIBCXXABI_HAS_NO_THREADS \
        -I"$library/libcxxabi/include" -I"$library/libcxx/src" -c "$library/libcxxabi/src/$source.cpp" -o "$folder.tmp/$source.o"
    done
    clang-22 "${flags[@]}" -D_LIBUNWIND_HAS_NO_THREADS -D_LIBUNWIND_HIDE_SYMBOLS -Dthread_local= -I"$folder.tmp/include" \
      -c "$library/libunwind/src/Unwind-wasm.c" -o "$folder.tmp/unwind.o"
    printf '.globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n' |
      clang-22 -w --target=wasm32-wasi -c -x assembler - -o "$folder.tmp/tag.o"
    mv "$folder.tmp" "$folder"
  fi
  echo "$folder"
}

# The file of the build with `-wasm-use-legacy-eh=$1`.
form() { if [[ $1 == true ]]; then echo "${name}_legacy.wasm"; else echo "$name.wasm"; fi; }

build() {
  local source=$1 name=${1%.*}
  echo "$source -> $name.wasm"
  case $source in
    vectors.c)
      clang-22 -Wall -Wno-deprecated --target=wasm32-wasi --no-wasm-opt -O3 -msimd128 -Wl,--strip-debug "$source" \
        -o "$name.wasm"
      ;;
    jumps.c)
      for legacy in false true; do
        clang-22 -Wall --target=wasm32-wasip1 --sysroot="$tools/sysroot" -resource-dir="$tools/sysroot" --no-wasm-opt -O2 \
          -mllvm -wasm-enable-sjlj -mllvm -wasm-use-legacy-eh=$legacy -Wl,--strip-debug "$source" -lsetjmp -o "$(form $legacy)"
      done
      ;;
    throws.cpp)
      for legacy in false true; do
        clang++-22 -std=c++20 -Wall -Wno-deprecated --target=wasm32-wasi --no-wasm-opt -O2 -fwasm-exceptions \
          -mllvm -wasm-use-legacy-eh=$legacy -Wl,--strip-debug "$source" "$(exceptions_runtime $legacy)"/*.o -o "$(form $legacy)"
      done
      ;;
    pthreads.c)
      local threads headers
      threads=$(rustc +stable --print sysroot)/lib/rustlib/wasm32-wasip1-threads/lib/self-contained
      headers=$(echo "$tools"/python/lib/python3*/site-packages/ziglang/lib/libc/include)
      clang-22 -Wall -Wno-deprecated --target=wasm32-wasip1-threads -pthread -O2 -nostdinc \
        -isystem "$(clang-22 -print-resource-dir)/include" -isystem "$headers/wasm-wasi-musl" \
        -isystem "$headers/generic-musl" -c "$source" -o "$name.o"
      wasm-ld-22 --shared-memory --import-memory --export-memory --max-memory=67108864 --strip-debug \
        "$threads/crt1-command.o" "$name.o" -L"$threads" -lc \
        "$(clang-22 -print-resource-dir)/lib/wasi/libclang_rt.builtins-wasm32.a" -o "$name.wasm"
      rm "$name.o"
      ;;
    threads.rs)
      rustc +stable --edition 2021 --target wasm32-wasip1-threads -C opt-level=s -C lto=fat -C codegen-units=1 -C panic=abort \
        -C strip=debuginfo --remap-path-prefix "$(rustc +stable --print sysroot)=/rust" "$source" -o "$name.wasm"
      ;;
    # With DWARF of both versions, and paths that do not depend on where this is.
    lines.c)
      clang-22 -Wall --no-wasm-opt --target=wasm32 -gdwarf-5 -O2 -ffile-prefix-map="$PWD=/source" -nostdlib -Wl,--no-entry \
        "$source" -o "$name.wasm"
      ;;
    templates.cpp)
      clang++-22 -Wall -std=c++20 --no-wasm-opt --target=wasm32 -gdwarf-4 -O2 -ffile-prefix-map="$PWD=/source" -nostdlib \
        -Wl,--no-entry "$source" -o "$name.wasm"
      ;;
    generics.rs)
      LD_LIBRARY_PATH=$tools/rust/usr/lib/x86_64-linux-gnu "$tools/rust/usr/bin/rustc" --sysroot "$tools/rust/usr" \
        --edition 2021 --target wasm32-unknown-unknown -C linker="$tools/rust/usr/lib/llvm-14/bin/wasm-ld" -g -C opt-level=2 -C lto=fat \
        -C panic=abort -C symbol-mangling-version=v0 --crate-type cdylib --remap-path-prefix "$PWD=/source" \
        --remap-path-prefix "$tools=/tools" "$source" -o "$name.wasm"
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
  chmod 644 "$name"*.wasm
}

for source in *.c *.cpp *.rs *.zig *.ts; do
  if [[ $# -eq 0 || " $* " == *" ${source%.*} "* ]]; then
    [[ $source == main.rs ]] || build "$source"
  fi
done
