;;! exit: 134
;;! stderr-contains: "unreachable"
;;! stderr-contains: "culprit"
;;! stderr-contains: "caller"
(module
  (func $culprit
    unreachable)
  (func $caller (call $culprit) (call $culprit))
  (func (export "_start") (call $caller)))
