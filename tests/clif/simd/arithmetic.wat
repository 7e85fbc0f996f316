;; Vectors are reinterpreted where the shape of the lanes changes, and a mask is what a comparison gives.
(module
  (func (export "multiply_add") (param v128 v128 v128) (result v128)
    (f32x4.add (f32x4.mul (local.get 0) (local.get 1)) (local.get 2)))
  (func (export "clamp") (param v128 v128) (result v128)
    (i8x16.min_u (i8x16.add_sat_u (local.get 0) (local.get 1)) (i8x16.splat (i32.const 100))))
  (func (export "choose") (param v128 v128) (result v128)
    (v128.bitselect (local.get 0) (local.get 1) (i32x4.gt_s (local.get 0) (local.get 1))))
  (func (export "any") (param v128) (result i32)
    (i32.and (v128.any_true (local.get 0)) (i16x8.all_true (local.get 0)))))

;;= ;; function 0 (multiply_add)
;;= function u0:0(i8x16, i8x16, i8x16) -> i8x16 tail {
;;=
;;=                                 block0(v0: i8x16, v1: i8x16, v2: i8x16):
;;= @0056                               v4 = bitcast.f32x4 little v1
;;= @0056                               v5 = bitcast.f32x4 little v0
;;= @0056                               v6 = fmul v5, v4
;;= @0056                               v7 = bitcast.i8x16 little v6
;;= @005b                               v8 = bitcast.f32x4 little v2
;;= @005b                               v9 = fadd v6, v8
;;= @005b                               v10 = bitcast.i8x16 little v9
;;= @005e                               jump block1(v10)
;;=
;;=                                 block1(v3: i8x16):
;;= @005e                               return v3
;;= }
;;=
;;= ;; function 1 (clamp)
;;= function u0:1(i8x16, i8x16) -> i8x16 tail {
;;=
;;=                                 block0(v0: i8x16, v1: i8x16):
;;= @0065                               v3 = uadd_sat v0, v1
;;= @0067                               v4 = iconst.i32 100
;;= @006a                               v5 = ireduce.i8 v4  ; v4 = 100
;;= @006a                               v6 = splat.i8x16 v5
;;= @006c                               v7 = umin v3, v6
;;= @006e                               jump block1(v7)
;;=
;;=                                 block1(v2: i8x16):
;;= @006e                               return v2
;;= }
;;=
;;= ;; function 2 (choose)
;;= function u0:2(i8x16, i8x16) -> i8x16 tail {
;;=
;;=                                 block0(v0: i8x16, v1: i8x16):
;;= @0079                               v3 = bitcast.i32x4 little v1
;;= @0079                               v4 = bitcast.i32x4 little v0
;;= @0079                               v5 = icmp sgt v4, v3
;;= @0079                               v6 = bitcast.i8x16 little v5
;;= @007b                               v7 = bitcast.i32x4 little v1
;;= @007b                               v8 = bitcast.i32x4 little v0
;;= @007b                               v9 = bitselect v5, v8, v7
;;= @007b                               v10 = bitcast.i8x16 little v9
;;= @007d                               jump block1(v10)
;;=
;;=                                 block1(v2: i8x16):
;;= @007d                               return v2
;;= }
;;=
;;= ;; function 3 (any)
;;= function u0:3(i8x16) -> i32 tail {
;;=
;;=                                 block0(v0: i8x16):
;;= @0082                               v2 = vany_true v0
;;= @0082                               v3 = uextend.i32 v2
;;= @0086                               v4 = bitcast.i16x8 little v0
;;= @0086                               v5 = vall_true v4
;;= @0086                               v6 = uextend.i32 v5
;;= @0089                               v7 = band v3, v6
;;= @008a                               jump block1(v7)
;;=
;;=                                 block1(v1: i32):
;;= @008a                               return v1
;;= }
;;=
