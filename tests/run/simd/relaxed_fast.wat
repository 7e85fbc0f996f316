;; What is fast on the baseline: the results of its own instructions, and two roundings.
(module
  (func $v (param v128) (result v128) (local.get 0))
  (func $same (param v128 v128)
    (if (i32.eqz (i8x16.all_true (i8x16.eq (local.get 0) (local.get 1)))) (then (unreachable))))
  (func (export "_start")
    ;; 1 + 2^-12, squared, minus 1 + 2^-11: what is left is the square's last bit, which only one rounding keeps.
    (call $same
      (f32x4.relaxed_madd (call $v (v128.const f32x4 0x1.001p0 -0x1.001p0 3 inf))
        (call $v (v128.const f32x4 0x1.001p0 0x1.001p0 5 2)) (call $v (v128.const f32x4 -0x1.002p0 0x1.002p0 7 1)))
      (v128.const f32x4 0 0 22 inf))
    (call $same
      (f32x4.relaxed_nmadd (call $v (v128.const f32x4 0x1.001p0 -0x1.001p0 3 2))
        (call $v (v128.const f32x4 0x1.001p0 0x1.001p0 5 2)) (call $v (v128.const f32x4 0x1.002p0 -0x1.002p0 7 inf)))
      (v128.const f32x4 0 0 -8 inf))
    (call $same
      (f64x2.relaxed_madd (call $v (v128.const f64x2 0x1.0000001p0 3))
        (call $v (v128.const f64x2 0x1.0000001p0 5)) (call $v (v128.const f64x2 -0x1.0000002p0 7)))
      (v128.const f64x2 0 22))
    (call $same
      (f64x2.relaxed_nmadd (call $v (v128.const f64x2 0x1.0000001p0 3))
        (call $v (v128.const f64x2 0x1.0000001p0 5)) (call $v (v128.const f64x2 0x1.0000002p0 7)))
      (v128.const f64x2 0 -8))
    (call $same
      (i8x16.relaxed_swizzle (call $v (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16))
        (call $v (v128.const i8x16 0 15 16 17 31 32 127 128 255 1 1 1 1 1 1 1)))
      (v128.const i8x16 1 16 1 2 16 1 16 0 0 2 2 2 2 2 2 2))
    (call $same
      (i32x4.relaxed_trunc_f32x4_s (call $v (v128.const f32x4 -1.5 nan 0x1p31 -0x1p40)))
      (v128.const i32x4 -1 0x80000000 0x80000000 0x80000000))
    (call $same
      (i32x4.relaxed_trunc_f64x2_s_zero (call $v (v128.const f64x2 nan 0x1p31)))
      (v128.const i32x4 0x80000000 0x80000000 0 0))
    (call $same
      (f32x4.relaxed_min (call $v (v128.const f32x4 1 0 -0.0 inf)) (call $v (v128.const f32x4 2 -0.0 0 -inf)))
      (v128.const f32x4 1 0 -0.0 -inf))
    (call $same
      (f64x2.relaxed_max (call $v (v128.const f64x2 -0.0 0)) (call $v (v128.const f64x2 0 -0.0)))
      (v128.const f64x2 -0.0 0))
    (call $same
      (i8x16.relaxed_laneselect (i8x16.splat (i32.const 0xff)) (i8x16.splat (i32.const 0))
        (call $v (v128.const i8x16 0xff 0 0x80 0x7f 0xff 0 0x80 0x7f 0xff 0 0x80 0x7f 0xff 0 0x80 0x7f)))
      (v128.const i8x16 0xff 0 0xff 0 0xff 0 0xff 0 0xff 0 0xff 0 0xff 0 0xff 0))
    (call $same
      (i16x8.relaxed_q15mulr_s (i16x8.splat (i32.const -32768)) (call $v (v128.const i16x8 -32768 1 2 3 4 5 6 7)))
      (v128.const i16x8 -32768 -1 -2 -3 -4 -5 -6 -7))
    (call $same
      (i16x8.relaxed_dot_i8x16_i7x16_s (i8x16.splat (i32.const -128)) (call $v (v128.const i8x16 -128 -128 127 127 0 1 0 1 0 1 0 1 0 1 0 1)))
      (v128.const i16x8 -32768 -32512 -128 -128 -128 -128 -128 -128))
    (call $same
      (i32x4.relaxed_dot_i8x16_i7x16_add_s (i8x16.splat (i32.const -128))
        (call $v (v128.const i8x16 127 127 127 127 0 1 0 1 0 1 0 1 0 1 0 1)) (i32x4.splat (i32.const 1000000)))
      (v128.const i32x4 934976 999744 999744 999744))))
