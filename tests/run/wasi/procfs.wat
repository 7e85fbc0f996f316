;;! grant-dir: /proc /
;;! stdout: "63 63 0 "
;; What procfs has of a process may not be written: its memory is there, whatever protects a page of it. Reading is as granted.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "self/mem")
  (data (i32.const 200) "self/task/../mem")
  (func $say (param $errno i32)
    (i32.store8 (i32.const 0) (i32.add (i32.const 48) (i32.div_u (local.get $errno) (i32.const 10))))
    (i32.store8 (i32.const 1) (i32.add (i32.const 48) (i32.rem_u (local.get $errno) (i32.const 10))))
    (i32.store8 (i32.const 2) (i32.const 32))
    (i32.store (i32.const 8) (i32.lt_u (local.get $errno) (i32.const 10)))
    (i32.store (i32.const 12) (i32.sub (i32.const 3) (i32.load (i32.const 8))))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))))
  (func (export "_start")
    (call $say (call $open (i32.const 3) (i32.const 1) (i32.const 100) (i32.const 8) (i32.const 0)
      (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 64)))
    (call $say (call $open (i32.const 3) (i32.const 1) (i32.const 200) (i32.const 16) (i32.const 0)
      (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 64)))
    (call $say (call $open (i32.const 3) (i32.const 1) (i32.const 100) (i32.const 8) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64)))))
