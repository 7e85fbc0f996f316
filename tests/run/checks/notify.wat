;;! exit: 134
;;! stderr-contains: "out of bounds memory access (4 bytes at address 0x10004, memory size 0x10000)"
(module
  (memory 1 1 shared)
  (global $g (mut i32) (i32.const 0x10000))
  (func (export "_start") (drop (memory.atomic.notify offset=4 (global.get $g) (i32.const 1)))))
