;;! file: data/in.txt "0123456789"
;;! grant-dir: data /d
;;! expect-file: data/in.txt "01234XYZ\0\0\0\0"
;; 64-bit parameters among 32-bit ones: open, seek from the end and from the start, write, resize, tell.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_tell" (func $fd_tell (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_set_size" (func $set_size (param i32 i64) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "in.txt")
  (data (i32.const 16) "\20\00\00\00\03\00\00\00")
  (data (i32.const 32) "XYZ")
  (data (i32.const 48) "\80\00\00\00\02\00\00\00")
  (global $fd (mut i32) (i32.const -1))
  (func $check (param $errno i32) (param $got i64) (param $expected i64)
    (if (local.get $errno) (then unreachable))
    (if (i64.ne (local.get $got) (local.get $expected)) (then unreachable)))
  (func (export "_start")
    (call $check
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 0)
        (i64.const 0x1fffffff) (i64.const 0) (i32.const 0) (i32.const 64))
      (i64.const 0) (i64.const 0))
    (global.set $fd (i32.load (i32.const 64)))
    (call $check
      (call $fd_seek (global.get $fd) (i64.const -3) (i32.const 2) (i32.const 72))
      (i64.load (i32.const 72)) (i64.const 7))
    (call $check
      (call $fd_seek (global.get $fd) (i64.const 5) (i32.const 0) (i32.const 72))
      (i64.load (i32.const 72)) (i64.const 5))
    (call $check
      (call $fd_write (global.get $fd) (i32.const 16) (i32.const 1) (i32.const 80))
      (i64.extend_i32_u (i32.load (i32.const 80))) (i64.const 3))
    (call $check
      (call $fd_tell (global.get $fd) (i32.const 72))
      (i64.load (i32.const 72)) (i64.const 8))
    (call $check (call $set_size (global.get $fd) (i64.const 8)) (i64.const 0) (i64.const 0))
    (call $check (call $set_size (global.get $fd) (i64.const 12)) (i64.const 0) (i64.const 0))
    (call $check
      (call $fd_pread (global.get $fd) (i32.const 48) (i32.const 1) (i64.const 4) (i32.const 80))
      (i64.extend_i32_u (i32.load16_u (i32.const 128))) (i64.const 0x5834) (; "4X" ;))
    (call $check (call $fd_close (global.get $fd)) (i64.const 0) (i64.const 0))))
