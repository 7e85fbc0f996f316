;;! exit: 134
;;! stderr-contains: "(up to index 5, table size 4)"
(module
  (table $large 9 9 funcref)
  (table $small 4 4 funcref)
  (global $g (mut i32) (i32.const 2))
  (func (export "_start") (table.copy $large $small (i32.const 0) (global.get $g) (i32.const 3))))
