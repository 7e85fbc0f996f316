;;! exit: 134
;;! stderr-contains: "unaligned atomic (8 bytes at address 0x10003)"
(module
  (memory 1 1 shared)
  (global $g (mut i32) (i32.const 0x10000))
  (func (export "_start") (drop (i64.atomic.rmw.add offset=3 (global.get $g) (i64.const 1)))))
