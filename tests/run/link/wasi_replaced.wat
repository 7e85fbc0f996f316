;;! link: wasi_snapshot_preview1 random.linked.wat
;;! exit: 76
;; A module linked by WASI's name replaces what it exports; the rest remains WASI's, for itself too.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (call $proc_exit (call $random (i32.const 0) (i32.const 8)))))
