;;! exit: 100
;; 100,000 calls deep in the default stack.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $descend (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add (i32.const 1) (call $descend (i32.sub (local.get 0) (i32.const 1)))))
  (func (export "_start")
    (call $proc_exit (i32.div_u (call $descend (i32.const 100000)) (i32.const 1000)))))
