;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
;;! stderr-contains: "culprit"
;;! stderr-contains: "caller"
(module
  (memory 1)
  (func $culprit
    (drop (i32.load (i32.const 0x10000))))
  (func $caller (call $culprit) (call $culprit))
  (func (export "_start") (call $caller)))
