;;! exit: 134
;;! stderr-contains: "unaligned atomic (4 bytes at address 0x7)"
(module
  (memory 1 1 shared)
  (global $g (mut i32) (i32.const 3))
  (func (export "_start") (drop (i32.atomic.load offset=4 (global.get $g)))))
