;; One export of each kind.
(module
  (func (export "func") (param i32) (result i64) (i64.const 0))
  (memory (export "memory") 1 4)
  (table (export "table") 2 5 funcref)
  (global (export "global") (mut i32) (i32.const 0))
  (tag (export "tag") (param i32 f64)))
