;;! exit: 134
;;! stderr-contains: "undefined element (index 12, table size 4)"
;;! stderr-contains: "inner"
(module
  (table $t 4 funcref)
  (elem (i32.const 0) $x)
  (func $x)
  (global $g (mut i32) (i32.const 12))
  (func $inner (param i32) (call_indirect $t (local.get 0)))
  (func (export "_start") (call $inner (global.get $g)) (call $inner (i32.const 1))))
