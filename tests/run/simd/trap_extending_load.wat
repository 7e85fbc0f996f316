;; Eight bytes are read for sixteen; one lies past the end.
;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
(module
  (memory 1)
  (func (export "_start")
    (drop (v128.load8x8_s (i32.const 65529)))))
