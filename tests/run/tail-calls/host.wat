;;! exit: 5
;;! stdout: "tail\n"
;; A tail call to a host function, and one through a table.
(module
  (type $write (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (type $write)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\05\00\00\00tail\n")
  (table funcref (elem $fd_write $proc_exit))
  (func $write (result i32)
    (return_call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))
  (func $exit (param i32)
    (return_call_indirect (param i32) (local.get 0) (i32.const 1)))
  (func (export "_start")
    (if (call $write) (then (unreachable)))
    (call $exit (i32.load (i32.const 100)))))
