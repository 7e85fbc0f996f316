;;! exit: 134
;;! stderr-contains: "(up to address 0x1005e, memory size 0x10000)"
;; The first memory is large enough.
(module
  (memory 2)
  (memory $small 1)
  (global $g (mut i32) (i32.const 0xfffa))
  (func (export "_start") (memory.copy 0 $small (i32.const 0) (global.get $g) (i32.const 100))))
