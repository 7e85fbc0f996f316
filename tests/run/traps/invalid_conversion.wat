;;! exit: 134
;;! stderr-contains: "invalid conversion to integer"
;;! stderr-contains: "culprit"
;;! stderr-contains: "caller"
(module
  (global $zero (mut i32) (i32.const 0))
  (global $nan (mut f64) (f64.const nan))
  (func $culprit
    (drop (i32.trunc_f64_s (global.get $nan))))
  (func $caller (call $culprit) (call $culprit))
  (func (export "_start") (call $caller)))
