;;! exit: 134
;;! stderr-contains: "integer divide by zero"
;;! stderr-contains: "culprit"
;;! stderr-contains: "caller"
(module
  (global $zero (mut i32) (i32.const 0))
  (global $nan (mut f64) (f64.const nan))
  (func $culprit
    (drop (i32.div_s (i32.const 1) (global.get $zero))))
  (func $caller (call $culprit) (call $culprit))
  (func (export "_start") (call $caller)))
