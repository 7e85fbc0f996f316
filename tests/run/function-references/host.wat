;;! exit: 3
;;! stdout: "by reference\n"
;; References to host functions, called and tail-called.
(module
  (type $write (func (param i32 i32 i32 i32) (result i32)))
  (type $exit (func (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (type $write)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (type $exit)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\0d\00\00\00by reference\n")
  (global $write (ref $write) (ref.func $fd_write))
  (elem declare func $proc_exit)
  (func $exit (param (ref $exit) i32)
    (return_call_ref $exit (local.get 1) (local.get 0)))
  (func (export "_start")
    (if (call_ref $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100) (global.get $write))
      (then (unreachable)))
    (call $exit (ref.func $proc_exit) (i32.const 3))))
