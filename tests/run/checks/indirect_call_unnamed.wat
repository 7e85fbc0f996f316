;;! exit: 134
;;! stderr-contains: "indirect call type mismatch (calling wasm function 1)"
(module
  (type $none (func))
  (table 3 3 funcref)
  (elem (i32.const 0) 0 1)
  (global $g (mut i32) (i32.const 1))
  (func)
  (func (param i64))
  (func (export "_start") (call_indirect (type $none) (global.get $g))))
