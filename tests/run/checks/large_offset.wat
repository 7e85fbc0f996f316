;;! exit: 134
;;! stderr-contains: "(1 byte at address 0xfffffff9, memory size 0x20000)"
(module
  (memory 2)
  (global $g (mut i32) (i32.const 7))
  ;; Beyond what the guard serves.
  (func (export "_start") (i32.store8 offset=0xfffffff2 (global.get $g) (i32.const 1))))
