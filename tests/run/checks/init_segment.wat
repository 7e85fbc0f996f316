;;! exit: 134
;;! stderr-contains: "(up to byte 4, segment size 3)"
(module
  (memory 1)
  (data $d "abc")
  (global $g (mut i32) (i32.const 2))
  (func (export "_start") (memory.init $d (i32.const 0) (global.get $g) (i32.const 2))))
