;;! exit: 134
;;! stderr-contains: "out of bounds memory access (8 bytes at address 0x10004, memory size 0x10000)"
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0xfffc))
  (func (export "_start") (drop (i64.load offset=8 (global.get $g)))))
