;;! exit: 134
;;! stderr-contains: "out of bounds table access (index 4294967295, table size 6)"
(module
  (table $other 1 externref)
  (table $t 4 funcref)
  (global $g (mut i32) (i32.const -1))
  (func (export "_start")
    (drop (table.grow $other (ref.null extern) (i32.const 8)))
    (drop (table.grow $t (ref.null func) (i32.const 2)))
    (table.set $t (global.get $g) (ref.null func))))
