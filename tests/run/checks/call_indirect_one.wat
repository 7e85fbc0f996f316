;;! exit: 134
;;! stderr-contains: "undefined element (index 12, table size 1)"
;; One element: the index is compared with zero.
(module
  (table $t 1 funcref)
  (elem (i32.const 0) $x)
  (func $x)
  (global $g (mut i32) (i32.const 12))
  (func (export "_start") (call_indirect $t (global.get $g))))
