;; Whole vectors, lanes, and loads that splat or widen: each is one access.
(module
  (memory 1)
  (func (export "copy") (param i32 i32)
    (v128.store offset=16 (local.get 0) (v128.load offset=16 (local.get 1))))
  (func (export "lane") (param i32 v128) (result v128)
    (v128.load16_lane 3 (local.get 0) (local.get 1)))
  (func (export "splat") (param i32) (result v128) (v128.load32_splat (local.get 0)))
  (func (export "widen") (param i32) (result v128) (v128.load8x8_u (local.get 0)))
  (func (export "zero") (param i32) (result v128) (v128.load64_zero (local.get 0))))

;;= ;; function 0 (copy)
;;= function u0:0(i32, i32) tail {
;;=
;;=                                 block0(v0: i32, v1: i32):
;;= @0059                               v2 = uextend.i64 v1
;;= @0059                               v3 = load.i8x16 user2 little region0 v2+0x0001_0010
;;= @005d                               v4 = uextend.i64 v0
;;= @005d                               store user2 little region0 v3, v4+0x0001_0010
;;= @0061                               jump block1
;;=
;;=                                 block1:
;;= @0061                               return
;;= }
;;=
;;= ;; function 1 (lane)
;;= function u0:1(i32, i8x16) -> i8x16 tail {
;;=
;;=                                 block0(v0: i32, v1: i8x16):
;;= @0068                               v3 = bitcast.i16x8 little v1
;;= @0068                               v4 = uextend.i64 v0
;;= @0068                               v5 = load.i16 user2 little region0 v4+0x0001_0000
;;= @0068                               v6 = insertlane v3, v5, 3
;;= @0068                               v7 = bitcast.i8x16 little v6
;;= @006d                               jump block1(v7)
;;=
;;=                                 block1(v2: i8x16):
;;= @006d                               return v2
;;= }
;;=
;;= ;; function 2 (splat)
;;= function u0:2(i32) -> i8x16 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0072                               v2 = uextend.i64 v0
;;= @0072                               v3 = load.i32 user2 little region0 v2+0x0001_0000
;;= @0072                               v4 = splat.i32x4 v3
;;= @0072                               v5 = bitcast.i8x16 little v4
;;= @0076                               jump block1(v5)
;;=
;;=                                 block1(v1: i8x16):
;;= @0076                               return v1
;;= }
;;=
;;= ;; function 3 (widen)
;;= function u0:3(i32) -> i8x16 tail {
;;=
;;=                                 block0(v0: i32):
;;= @007b                               v2 = uextend.i64 v0
;;= @007b                               v3 = uload8x8 user2 little region0 v2+0x0001_0000
;;= @007b                               v4 = bitcast.i8x16 little v3
;;= @007f                               jump block1(v4)
;;=
;;=                                 block1(v1: i8x16):
;;= @007f                               return v1
;;= }
;;=
;;= ;; function 4 (zero)
;;= function u0:4(i32) -> i8x16 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0084                               v2 = uextend.i64 v0
;;= @0084                               v3 = load.i64 user2 little region0 v2+0x0001_0000
;;= @0084                               v4 = scalar_to_vector.i64x2 v3
;;= @0084                               v5 = bitcast.i8x16 little v4
;;= @0088                               jump block1(v5)
;;=
;;=                                 block1(v1: i8x16):
;;= @0088                               return v1
;;= }
;;=
