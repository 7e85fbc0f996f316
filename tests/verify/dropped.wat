;; What sabotage/dropped.rs damages, without optimisation: ranges of known length in segments that can be dropped.
(module
  (type $unary (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (data $bytes "abcdef")
  (table $functions 4 funcref)
  (elem $first func $double $init)
  (global $counter (mut i64) (i64.const 1))

  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $init (type $unary)
    (memory.init $bytes (i32.const 0) (local.get 0) (i32.const 2))
    (i32.const 0))
  (func $init_table (type $unary)
    (table.init $functions $first (i32.const 0) (local.get 0) (i32.const 2))
    (i32.const 0))
  (func $drop
    (data.drop $bytes)
    (elem.drop $first))
  (func $grow
    (global.set $counter (i64.add (global.get $counter) (i64.const 1))))

  (func (export "_start")
    (drop (call $init (i32.load (i32.const 0))))
    (drop (call $init_table (i32.load (i32.const 0))))
    (call $grow)
    (call $drop)
    (drop (call_indirect $functions (type $unary) (i32.const 1) (i32.load (i32.const 0))))))
