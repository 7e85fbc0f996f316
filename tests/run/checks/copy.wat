;;! exit: 134
;;! stderr-contains: "(up to address 0xffffffff, memory size 0x10000)"
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0xfff0))
  (func (export "_start") (memory.copy (i32.const 0) (global.get $g) (i32.const -1))))
