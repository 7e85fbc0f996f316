;;! exit: 134
;;! stderr-contains: "(2 bytes at address 0x80003, memory size 0x10000)"
(module
  (memory i64 1)
  (global $g (mut i64) (i64.const 3))
  (func (export "_start") (drop (i64.load16_u offset=0x80000 (global.get $g)))))
