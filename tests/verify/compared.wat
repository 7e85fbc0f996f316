;; What sabotage/compared.rs damages: memories that pages do not protect, a table of 64-bit indices, and a shared memory. All
;; functions are in the table, so that none is left out or put in the place of its calls.
(module
  (memory $wide (export "memory") i64 1 0x20000)
  (memory $bytes 100 1000 (pagesize 1))
  (memory $shared 1 4 shared)
  (type $unary (func (param i64) (result i32)))
  (table $functions i64 16 32 funcref)
  (elem (table $functions) (i64.const 0) func
    $load $store $carry $copy $fill $byte $indirect $wait $swap $grow $set)

  (func $load (param i64) (result i32)
    (i32.load $wide offset=8 (local.get 0)))

  (func $store (param i64) (result i32)
    (i64.store $wide offset=8 (local.get 0) (local.get 0))
    (i32.const 0))

  ;; The end is more than the memory has at least, so that the sum is compared, and may wrap.
  (func $carry (param i64) (result i32)
    (i32.load $wide offset=0x20000 (local.get 0)))

  (func $copy (param i64) (result i32)
    (memory.copy $wide $wide
      (i64.load $wide (local.get 0))
      (i64.load $wide offset=8 (local.get 0))
      (i64.load $wide offset=16 (local.get 0)))
    (i32.const 0))

  (func $fill (param i64) (result i32)
    (memory.fill $wide (local.get 0) (i32.const 7) (i64.load $wide (local.get 0)))
    (i32.const 0))

  (func $byte (param i64) (result i32)
    (i32.load16_u $bytes offset=3 (i32.wrap_i64 (local.get 0))))

  (func $indirect (param i64) (result i32)
    (call_indirect $functions (type $unary) (local.get 0) (local.get 0)))

  (func $set (param i64) (result i32)
    (table.set $functions (local.get 0) (table.get $functions (i64.const 1)))
    (i32.const 0))

  (func $wait (param i64) (result i32)
    (memory.atomic.wait32 $shared (i32.wrap_i64 (local.get 0)) (i32.const 0) (i64.const 0)))

  (func $swap (param i64) (result i32)
    (i32.atomic.rmw.cmpxchg $shared offset=4
      (i32.wrap_i64 (local.get 0)) (i32.const 1) (i32.const 2)))

  (func $grow (param i64) (result i32)
    (drop (table.grow $functions (ref.null func) (i64.const 1)))
    (i32.wrap_i64 (memory.grow $wide (local.get 0))))

  (func (export "_start")
    (drop (call $indirect (i64.load $wide (i64.const 0))))))
