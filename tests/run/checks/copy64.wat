;;! exit: 134
;;! stderr-contains: "(up to address 0x1000000000000000f, memory size 0x10000)"
(module
  (memory i64 1)
  (global $g (mut i64) (i64.const 16))
  (func (export "_start") (memory.copy (global.get $g) (i64.const 0) (i64.const -1))))
