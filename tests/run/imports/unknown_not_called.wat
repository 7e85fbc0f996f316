;; Imports that nothing provides do no harm unless they are called: directly, through a table, or by a name of WASI's
;; that WASI does not have.
;;! unknown-imports: trap
;;! args: x
;;! exit: 7
(module
  (type $nothing (func))
  (import "env" "missing" (func $missing (type $nothing)))
  (import "wasi_snapshot_preview1" "fd_teleport" (func $teleport (type $nothing)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (table 3 funcref)
  (elem (i32.const 0) $missing $teleport $exit)
  (global $false (mut i32) (i32.const 0))
  (func (export "_start")
    (if (global.get $false) (then (call $missing) (call $teleport) (call_indirect (type $nothing) (i32.const 0))))
    (call $exit (i32.const 7))))
