;; The last byte of a vector lies one past the end.
;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
(module
  (memory 1)
  (func (export "_start")
    (drop (v128.load (i32.const 65521)))))
