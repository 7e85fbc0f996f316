;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
;; The end of the second memory, although the first is larger.
(module
  (memory 2)
  (memory $second 1)
  (func (export "_start")
    (drop (i32.load (i32.const 65536)))
    (drop (i32.load $second (i32.const 65533)))))
