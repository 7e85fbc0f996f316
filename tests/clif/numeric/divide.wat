;; Cranelift's division has the traps of WebAssembly's, and its remainder of the smallest number by -1 is 0.
(module
  (func (export "div_s") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "rem_s") (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1)))
  (func (export "div_u-constant") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 10))))

;;= ;; function 0 (div_s)
;;= function u0:0(i32, i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32, v1: i32):
;;= @004f                               v3 = sdiv v0, v1
;;= @0050                               jump block1(v3)
;;=
;;=                                 block1(v2: i32):
;;= @0050                               return v2
;;= }
;;=
;;= ;; function 1 (rem_s)
;;= function u0:1(i64, i64) -> i64 tail {
;;=
;;=                                 block0(v0: i64, v1: i64):
;;= @0057                               v3 = srem v0, v1
;;= @0058                               jump block1(v3)
;;=
;;=                                 block1(v2: i64):
;;= @0058                               return v2
;;= }
;;=
;;= ;; function 2 (div_u-constant)
;;= function u0:2(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @005d                               v2 = iconst.i32 10
;;= @005f                               v3 = udiv v0, v2  ; v2 = 10
;;= @0060                               jump block1(v3)
;;=
;;=                                 block1(v1: i32):
;;= @0060                               return v1
;;= }
;;=
