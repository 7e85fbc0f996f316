;;! exit: 134
;;! stderr-contains: "(up to index 3, segment size 2)"
(module
  (table 9 9 funcref)
  (elem $e func $f $f)
  (global $g (mut i32) (i32.const 1))
  (func $f)
  (func (export "_start") (table.init $e (i32.const 0) (global.get $g) (i32.const 2))))
