;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
;;! stderr-contains: "culprit"
;;! stderr-contains: "caller"
(module
  (memory 1)
  (func $culprit
    (memory.copy (i32.const 0) (i32.const 0xffff) (i32.const 2)))
  (func $caller (call $culprit) (call $culprit))
  (func (export "_start") (call $caller)))
