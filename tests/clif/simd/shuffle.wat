;; Lanes by constants, by another vector, and one by one.
(module
  (func (export "interleave") (param v128 v128) (result v128)
    (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get 0) (local.get 1)))
  (func (export "swizzle") (param v128 v128) (result v128) (i8x16.swizzle (local.get 0) (local.get 1)))
  (func (export "relaxed_swizzle") (param v128 v128) (result v128)
    (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))
  (func (export "lanes") (param v128 i32) (result i32)
    (i32.add
      (i8x16.extract_lane_s 15 (local.get 0))
      (i16x8.extract_lane_u 2 (i16x8.replace_lane 2 (local.get 0) (local.get 1))))))

;;= ;; function 0 (interleave)
;;= function u0:0(i8x16, i8x16) -> i8x16 tail {
;;=
;;=                                 block0(v0: i8x16, v1: i8x16):
;;= @005b                               v3 = shuffle v0, v1, 0x17071606150514041303120211011000
;;= @006d                               jump block1(v3)
;;=
;;=                                 block1(v2: i8x16):
;;= @006d                               return v2
;;= }
;;=
;;= ;; function 1 (swizzle)
;;= function u0:1(i8x16, i8x16) -> i8x16 tail {
;;=
;;=                                 block0(v0: i8x16, v1: i8x16):
;;= @0074                               v3 = swizzle v0, v1
;;= @0076                               jump block1(v3)
;;=
;;=                                 block1(v2: i8x16):
;;= @0076                               return v2
;;= }
;;=
;;= ;; function 2 (relaxed_swizzle)
;;= function u0:2(i8x16, i8x16) -> i8x16 tail {
;;=
;;=                                 block0(v0: i8x16, v1: i8x16):
;;= @007d                               v3 = x86_pshufb v0, v1
;;= @0080                               jump block1(v3)
;;=
;;=                                 block1(v2: i8x16):
;;= @0080                               return v2
;;= }
;;=
;;= ;; function 3 (lanes)
;;= function u0:3(i8x16, i32) -> i32 tail {
;;=
;;=                                 block0(v0: i8x16, v1: i32):
;;= @0085                               v3 = extractlane v0, 15
;;= @0085                               v4 = sextend.i32 v3
;;= @008c                               v5 = ireduce.i16 v1
;;= @008c                               v6 = bitcast.i16x8 little v0
;;= @008c                               v7 = insertlane v6, v5, 2
;;= @008c                               v8 = bitcast.i8x16 little v7
;;= @008f                               v9 = extractlane v7, 2
;;= @008f                               v10 = uextend.i32 v9
;;= @0092                               v11 = iadd v4, v10
;;= @0093                               jump block1(v11)
;;=
;;=                                 block1(v2: i32):
;;= @0093                               return v2
;;= }
;;=
