;; State that others share.
(module
  (memory (export "memory") 1 4)
  (table (export "table") 4 8 funcref)
  (global (export "counter") (mut i32) (i32.const 1))
  (global (export "slot") i32 (i32.const 2)))
