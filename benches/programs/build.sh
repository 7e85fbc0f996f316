#!/usr/bin/env bash
# Rebuilds the .wasm files of this folder from the sources beside them, and native executables from the same sources.
# The .wasm files are committed: no test runs this.
#
# C and C++: Debian's clang-22, lld-22, wasi-libc, libclang-rt-22-dev-wasm32, libc++-22-dev-wasm32. SQLite comes from the
# crate libsqlite3-sys, through cargo. Rust: `../../tests/corpus/fetch.sh rust196` brings the toolchain for WASI, into
# $NATIVIZE_CORPUS/toolchain, by default .corpus at the top of the repository; native builds take the cargo on PATH.
#
# Usage: build.sh [--native FOLDER] [NAME...]      without a name, everything
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
corpus=$(realpath -m "${NATIVIZE_CORPUS:-../../.corpus}")
tools=$corpus/toolchain
mkdir -p "$corpus/source"

native=
if [[ ${1-} == --native ]]; then
  native=$(realpath -m "$2")
  mkdir -p "$native"
  shift 2
fi

# Unpacks the crate with SQLite's source, and prints the folder.
sqlite() {
  local folder=$corpus/source/benches-crates
  if [[ ! -d $folder/vendor/libsqlite3-sys ]]; then
    mkdir -p "$folder/src"
    : >"$folder/src/lib.rs"
    printf '[package]\nname = "sources"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n[dependencies]\nlibsqlite3-sys = "=0.40.0"\n' \
      >"$folder/Cargo.toml"
    (cd "$folder" && cargo vendor -q >/dev/null)
  fi
  echo "$folder/vendor/libsqlite3-sys/sqlite3"
}

build() {
  local source=$1 name=${1%.*} compiler=clang-22 output sources
  sources=("$source")
  local flags=(-Wall -O2)
  if [[ -n $native ]]; then
    output=$native/$name
    # WebAssembly has no fused operations: results must be the same.
    flags+=(-ffp-contract=off)
  else
    output=$name.wasm
    flags+=(-Wno-deprecated --target=wasm32-wasi --no-wasm-opt -Wl,--strip-debug)
    [[ $name == simd ]] && flags+=(-msimd128)
  fi
  case $source in
    *.cpp)
      compiler=clang++-22
      flags+=(-std=c++20 -fno-exceptions)
      ;;
    sqlite.c)
      local folder
      folder=$(sqlite)
      flags+=(-w -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL -DSQLITE_DEFAULT_MEMSTATUS=0 -I"$folder")
      sources+=("$folder/sqlite3.c")
      ;;
  esac
  echo "$source -> $output"
  "$compiler" "${flags[@]}" "${sources[@]}" -o "$output" -lm
  [[ -n $native ]] || chmod 644 "$output"
}

rust() {
  if [[ -n $native ]]; then
    cargo build -q --release --locked --manifest-path rust/Cargo.toml --target-dir "$corpus/source/benches-native" --bin "$1"
    echo "rust/src/bin/$1.rs -> $native/$1"
    cp "$corpus/source/benches-native/release/$1" "$native/$1"
  else
    echo "rust/src/bin/$1.rs -> $1.wasm"
    (
      cd rust
      LD_LIBRARY_PATH=$tools/rust-web/usr/lib/x86_64-linux-gnu RUSTC=$tools/rust-web/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
        CARGO_TARGET_WASM32_WASIP1_LINKER=$here/../../tests/corpus/guests/report/linker.sh cargo build -q --release --locked \
        -Z build-std=std,panic_abort --target wasm32-wasip1 --target-dir "$corpus/source/benches" --bin "$1"
    )
    install -m 644 "$corpus/source/benches/wasm32-wasip1/release/$1.wasm" "$1.wasm"
  fi
}

for source in *.c *.cpp rust/src/bin/*.rs; do
  name=$(basename "${source%.*}")
  if [[ $# -eq 0 || " $* " == *" $name "* ]]; then
    case $source in
      rust/*) rust "$name" ;;
      *) build "$source" ;;
    esac
  fi
done
