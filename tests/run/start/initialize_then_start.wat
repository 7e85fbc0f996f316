;;! exit: 123
;; The start function, then _initialize, then _start.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (global $trace (mut i32) (i32.const 0))
  (func $note (param i32)
    (global.set $trace (i32.add (i32.mul (global.get $trace) (i32.const 10)) (local.get 0))))
  (func $first (call $note (i32.const 1)))
  (start $first)
  (func (export "_initialize") (call $note (i32.const 2)))
  (func (export "_start") (call $note (i32.const 3)) (call $proc_exit (global.get $trace))))
