;;! exit: 0
;; The start function of the module exits before _start could trap.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $first (call $proc_exit (i32.const 0)))
  (start $first)
  (func (export "_start") unreachable))
