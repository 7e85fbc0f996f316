;;! exit: 134
;;! stderr-contains: "(8 bytes at address 0x10005, memory size 0x10000)"
(module
  (memory i64 1)
  (global $g (mut i64) (i64.const 0xfffd))
  (func (export "_start") (drop (i64.load offset=8 (global.get $g)))))
