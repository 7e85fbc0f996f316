;;! exit: 134
;;! stderr-contains: "indirect call type mismatch"
;;! stderr-contains: "trapping"
;;! stderr-lacks: "replaced"
;; A frame that a tail call replaced is not in the backtrace; the one that traps is.
(module
  (table funcref (elem $trapping))
  (func $trapping
    (return_call_indirect (param i32) (i32.const 0) (i32.const 0)))
  (func $replaced
    (return_call_indirect (i32.const 0)))
  (func (export "_start")
    (call $replaced)))
