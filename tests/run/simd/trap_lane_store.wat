;; A lane of 4 bytes of which three lie past the end.
;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
(module
  (memory 1)
  (func (export "_start")
    (v128.store32_lane 3 (i32.const 65533) (v128.const i64x2 0 0))))
