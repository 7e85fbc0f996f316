;;! exit: 134
;;! stderr-contains: "undefined element"
;;! stderr-contains: "culprit"
;;! stderr-contains: "caller"
(module
  (table 2 funcref)
  (elem (i32.const 0) $other)
  (func $other (param i64))
  (func $culprit
    (call_indirect (i32.const 2)))
  (func $caller (call $culprit) (call $culprit))
  (func (export "_start") (call $caller)))
