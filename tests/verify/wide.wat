;; Indices of 64 bits, which no guard holds: each access is compared with the memory's size.
(module
  (memory (export "memory") i64 1)
  (type $unary (func (param i64) (result i64)))
  (table $functions 2 funcref)
  (elem (table $functions) (i32.const 0) func $load $far)

  (func $load (param i64) (result i64)
    (i64.load offset=8 (local.get 0)))

  (func $far (param i64) (result i64)
    (i64.load offset=0x20000 (local.get 0)))

  (func (export "_start")
    (drop (call_indirect (type $unary)
      (i64.load (i64.const 0))
      (i32.wrap_i64 (i64.load (i64.const 8)))))))
