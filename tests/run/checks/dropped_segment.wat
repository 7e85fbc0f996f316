;;! exit: 134
;;! stderr-contains: "(up to byte 3, segment size 0)"
(module
  (memory 1)
  (data $d "abc")
  (global $g (mut i32) (i32.const 2))
  (func (export "_start")
    (data.drop $d)
    (memory.init $d (i32.const 0) (global.get $g) (i32.const 1))))
