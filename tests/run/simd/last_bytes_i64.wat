;; The last bytes of a memory with i64 addresses are within reach of accesses of every width.
(module
  (func $same (param v128 v128)
    (if (i32.eqz (i8x16.all_true (i8x16.eq (local.get 0) (local.get 1)))) (then (unreachable))))
  (memory i64 1)
  (func (export "_start")
    (v128.store (i64.const 65520) (v128.const i64x2 1 2))
    (call $same (v128.load offset=65519 (i64.const 1)) (v128.const i64x2 1 2))
    (v128.store8_lane 7 (i64.const 65535) (v128.const i8x16 0 1 2 3 4 5 6 0x87 8 9 10 11 12 13 14 15))
    (call $same (v128.load8_splat (i64.const 65535)) (i8x16.splat (i32.const 0x87)))
    (call $same
      (v128.load16x4_s (i64.const 65528))
      (v128.const i32x4 2 0 0 0xffff8700))
    (call $same
      (v128.load8x8_u (i64.const 65528))
      (v128.const i16x8 2 0 0 0 0 0 0 0x87))
    (call $same (v128.load32_zero (i64.const 65532)) (v128.const i32x4 0x87000000 0 0 0))
    (call $same
      (v128.load64_lane 0 (i64.const 65528) (v128.const i64x2 -1 -1))
      (v128.const i64x2 0x8700000000000002 -1))))
