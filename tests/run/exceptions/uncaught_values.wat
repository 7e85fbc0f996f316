;;! exit: 134
;;! stderr-contains: "wasm trap: uncaught exception (many: i32 -1, i64 -2, f32 0x3f800000, v128 0x807060504030201 0x100f0e0d0c0b0a09, reference, i32 7)"
;; The trap shows what the exception carries, each value where the one before it ends.
(module
  (tag $many (param i32 i64 f32 v128 funcref i32))
  (func (export "_start")
    (throw $many (i32.const -1) (i64.const -2) (f32.const 1)
      (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16) (ref.null func) (i32.const 7))))
