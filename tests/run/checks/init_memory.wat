;;! exit: 134
;;! stderr-contains: "(up to address 0x10001, memory size 0x10000)"
(module
  (memory 1)
  (data $d "abc")
  (global $g (mut i32) (i32.const 0xffff))
  (func (export "_start") (memory.init $d (global.get $g) (i32.const 0) (i32.const 2))))
