;;! exit: 42
;;! stdout: "before"
;; From inside a call, with what was written before still written.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00before")
  (func $inner (param i32)
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
    (call $proc_exit (local.get 0))
    unreachable)
  (func (export "_start") (call $inner (i32.const 42)) unreachable))
