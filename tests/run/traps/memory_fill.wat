;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
;;! stderr-contains: "(up to address 0x10001, memory size 0x10000)"
;;! stderr-contains: "culprit"
;;! stderr-contains: "caller"
(module
  (memory 1)
  (func $culprit
    (memory.fill (i32.const 0xffff) (i32.const 0) (i32.const 2)))
  (func $caller (call $culprit) (call $culprit))
  (func (export "_start") (call $caller)))
