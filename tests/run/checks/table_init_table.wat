;;! exit: 134
;;! stderr-contains: "(up to index 10, table size 9)"
(module
  (table 9 9 funcref)
  (elem $e func $f $f)
  (global $g (mut i32) (i32.const 8))
  (func $f)
  (func (export "_start") (table.init $e (global.get $g) (i32.const 0) (i32.const 2))))
