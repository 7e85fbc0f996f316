;;! exit: 134
;;! stderr-contains: "uninitialized element"
;; The index is known and its element is null: nothing of the call is left but the trap.
(module
  (table $t 4 4 funcref)
  (elem (i32.const 0) $x)
  (func $x)
  (func (export "_start") (call_indirect $t (i32.const 0)) (call_indirect $t (i32.const 2))))
