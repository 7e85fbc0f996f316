;;! exit: 134
;;! stderr-contains: "undefined element"
;;! stderr-lacks: "index"
;; No element: nothing is compared.
(module
  (table $t 0 funcref)
  (global $g (mut i32) (i32.const 12))
  (func (export "_start") (call_indirect $t (global.get $g))))
