;; A lane of 8 bytes of which one lies past the end.
;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
(module
  (memory 1)
  (func (export "_start")
    (drop (v128.load64_lane offset=8 1 (i32.const 65521) (v128.const i64x2 0 0)))))
