;;! exit: 134
;;! stderr-contains: "out of bounds table access (index 7, table size 4)"
(module
  (table $t 4 funcref)
  (global $g (mut i32) (i32.const 7))
  (func (export "_start") (drop (table.get $t (global.get $g)))))
