;; In the low slot the base is part of the displacement: one addressing mode, no check.
(module
  (memory 1)
  (func (export "load") (param i32) (result i32) (i32.load offset=8 (local.get 0)))
  (func (export "narrow") (param i32) (result i64) (i64.load16_s (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "constant") (result i32) (i32.load offset=4 (i32.const 16))))

;;= ;; function 0 (load)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0057                               v2 = uextend.i64 v0
;;= @0057                               v3 = load.i32 user2 little region0 v2+0x0001_0008
;;= @005a                               jump block1(v3)
;;=
;;=                                 block1(v1: i32):
;;= @005a                               return v1
;;= }
;;=
;;= ;; function 1 (narrow)
;;= function u0:1(i32) -> i64 tail {
;;=
;;=                                 block0(v0: i32):
;;= @005f                               v2 = uextend.i64 v0
;;= @005f                               v3 = sload16.i64 user2 little region0 v2+0x0001_0000
;;= @0062                               jump block1(v3)
;;=
;;=                                 block1(v1: i64):
;;= @0062                               return v1
;;= }
;;=
;;= ;; function 2 (store)
;;= function u0:2(i32, i32) tail {
;;=
;;=                                 block0(v0: i32, v1: i32):
;;= @0069                               v2 = uextend.i64 v0
;;= @0069                               istore8 user2 little region0 v1, v2+0x0001_0000
;;= @006c                               jump block1
;;=
;;=                                 block1:
;;= @006c                               return
;;= }
;;=
;;= ;; function 3 (constant)
;;= function u0:3() -> i32 tail {
;;=
;;=                                 block0:
;;= @006f                               v1 = iconst.i32 16
;;= @0071                               v2 = uextend.i64 v1  ; v1 = 16
;;= @0071                               v3 = load.i32 user2 little region0 v2+0x0001_0004
;;= @0074                               jump block1(v3)
;;=
;;=                                 block1(v0: i32):
;;= @0074                               return v0
;;= }
;;=
