;;! exit: 134
;;! stderr-contains: "call stack exhausted"
;;! stderr-contains: "ping"
;;! stderr-contains: "pong"
(module
  (type $t (func (param i32) (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) $ping $pong)
  (func $ping (type $t) (i32.add (i32.const 1) (call_indirect (type $t) (local.get 0) (i32.const 1))))
  (func $pong (type $t) (i32.add (i32.const 2) (call_indirect (type $t) (local.get 0) (i32.const 0))))
  (func (export "_start") (drop (call $ping (i32.const 0)))))
