;;! exit: 134
;;! stderr-contains: "(4 bytes at address 0x20001, memory size 0x20000)"
(module
  (memory 1)
  (memory $second 2)
  (global $g (mut i32) (i32.const 0x20001))
  (func (export "_start")
    (drop (i32.load $second (global.get $g)))))
