;; What sabotage.rs damages: a function for each form that the checker has to follow. All of them are in the table, so that
;; none is left out or put in the place of its calls.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 1)
  (memory $second 1)
  (type $unary (func (param i32) (result i32)))
  (type $wide (func (param i64) (result i64)))
  (table $functions 16 funcref)
  (elem (table $functions) (i32.const 0) func
    $load $far $copy $switch $indirect $global $spill $second_load $grow $calls $store $wide $large $added $passes)
  (global $counter (mut i64) (i64.const 0))

  (func $load (param i32) (result i32)
    (i32.load offset=8 (local.get 0)))

  (func $store (param i32) (result i32)
    (i32.store offset=8 (local.get 0) (i32.const 7))
    (i32.const 0))

  ;; An addition that the access does itself, in 32 bits.
  (func $added (param i32) (result i32)
    (i32.load (i32.add (i32.mul (local.get 0) (i32.const 12)) (i32.load offset=4 (local.get 0)))))

  (func $far (param i32) (result i32)
    (i32.load offset=0xf0000000 (local.get 0)))

  (func $copy (param i32) (result i32)
    (memory.copy
      (i32.load (local.get 0))
      (i32.load offset=4 (local.get 0))
      (i32.load offset=8 (local.get 0)))
    (i32.const 0))

  (func $switch (param i32) (result i32)
    (block $d (block $c (block $b (block $a
      (br_table $a $b $c $d (local.get 0)))
      (return (i32.const 17)))
      (return (call $load (i32.const 3))))
      (return (call $load (i32.const 4))))
    (i32.const 5))

  (func $indirect (param i32) (result i32)
    (call_indirect (type $unary) (local.get 0) (local.get 0)))

  (func $wide (param i64) (result i64) (local.get 0))

  (func $global (param i32) (result i32)
    (global.set $counter (i64.extend_i32_u (local.get 0)))
    (i32.const 1))

  ;; Values that live over calls, in registers that have to be kept.
  (func $spill (param i32) (result i32)
    (local i32 i32)
    (local.set 1 (call $load (local.get 0)))
    (local.set 2 (call $load (local.get 1)))
    (i32.add
      (i32.add (local.get 0) (local.get 1))
      (i32.add (local.get 2) (call $load (local.get 2)))))

  (func $second_load (param i32) (result i32)
    (i32.load $second offset=16 (local.get 0)))

  (func $grow (param i32) (result i32)
    (memory.grow (local.get 0)))

  (func $calls (param i32) (result i32)
    (drop (call $yield))
    (call $load (call $load (local.get 0))))

  ;; More results than registers take.
  (func $many (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (global.get $counter)
    (i64.const 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9) (i64.const 10) (i64.const 11) (i64.const 12) (i64.const 13) (i64.const 14) (i64.const 15) (i64.const 16) (i64.const 17) (i64.const 18) (i64.const 19) (i64.const 20) (i64.const 21) (i64.const 22) (i64.const 23) (i64.const 24) (i64.const 25)
    (global.get $counter))

  ;; Where they are to go is passed on.
  (func $passes (result i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (i64.store (i32.const 16) (i64.const 0x123456789abcdef))
    (return_call $many))

  (func $large (param i32) (result i32)
    (call $many)
    (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop)
    (i32.wrap_i64))

  (func (export "_start")
    (drop (call $indirect (i32.load (i32.const 0))))))
