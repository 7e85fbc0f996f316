;;! exit: 134
;;! stderr-contains: "out of bounds memory access (up to address 0x10010, memory size 0x10000)"
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0xfff0))
  (func (export "_start") (memory.fill (global.get $g) (i32.const 0) (i32.const 32))))
