;; A range that is compared with the length of a table that has fewer entries at start.
;;! exit: 7
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (table $t 0 100 funcref)
  (func $f)
  (elem declare func $f)
  (func (export "_start")
    (drop (table.grow $t (ref.null func) (i32.load (i32.const 8))))
    (drop (table.grow $t (ref.null func) (i32.const 9)))
    (table.fill $t (i32.const 5) (ref.func $f) (i32.const 3))
    (if (ref.is_null (table.get $t (i32.const 7))) (then (return)))
    (call $exit (i32.const 7))))
