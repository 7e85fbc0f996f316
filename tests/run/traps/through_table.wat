;;! exit: 134
;;! stderr-contains: "integer divide by zero"
;;! stderr-contains: "victim"
;;! stderr-contains: "dispatcher"
(module
  (type $t (func (param i32) (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $victim)
  (func $victim (type $t) (i32.rem_u (i32.const 7) (local.get 0)))
  (func $dispatcher (param i32) (result i32)
    (i32.add (i32.const 1) (call_indirect (type $t) (local.get 0) (i32.const 0))))
  (func (export "_start") (drop (call $dispatcher (i32.const 0)))))
