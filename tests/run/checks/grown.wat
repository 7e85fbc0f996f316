;;! exit: 134
;;! stderr-contains: "(4 bytes at address 0x30001, memory size 0x20000)"
(module
  (memory 1 2)
  (global $g (mut i32) (i32.const 0x30001))
  (func (export "_start")
    (drop (memory.grow (i32.const 1)))
    (drop (i32.load (global.get $g)))))
