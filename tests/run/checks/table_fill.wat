;;! exit: 134
;;! stderr-contains: "out of bounds table access (up to index 5, table size 4)"
(module
  (table $t 4 funcref)
  (global $g (mut i32) (i32.const 2))
  (func (export "_start") (table.fill $t (global.get $g) (ref.null func) (i32.const 3))))
