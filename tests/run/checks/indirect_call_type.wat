;;! exit: 134
;;! stderr-contains: "indirect call type mismatch (calling takes_long)"
(module
  (type $none (func))
  (table 3 3 funcref)
  (elem (i32.const 0) $takes_nothing $takes_long)
  (global $g (mut i32) (i32.const 1))
  (func $takes_nothing)
  (func $takes_long (param i64))
  (func (export "_start")
    (call_indirect (type $none) (i32.const 0))
    (call_indirect (type $none) (global.get $g))))
