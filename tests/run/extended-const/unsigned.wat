;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
;; -4 is an offset of almost 4 GiB, also for a memory that is nearly as large.
(module
  (memory 65535)
  (data (i32.sub (i32.const 0) (i32.const 4)) "abcd")
  (func (export "_start")))
