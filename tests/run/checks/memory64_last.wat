;;! exit: 134
;;! stderr-contains: "(2 bytes at address 0xffffffffffffffff, memory size 0x10000)"
;; The address fits, and its end does not.
(module
  (memory i64 1)
  (global $g (mut i64) (i64.const 0xfffffffffff7ffff))
  (func (export "_start") (drop (i64.load16_u offset=0x80000 (global.get $g)))))
