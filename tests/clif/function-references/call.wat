;; The type needs no look at run time, null is compared with. A constant global is the function that it names.
(module
  (type $t (func (param i32) (result i32)))
  (global $g (ref $t) (ref.func $double))
  (func $double (export "double") (type $t) (i32.shl (local.get 0) (i32.const 1)))
  (func (export "nullable") (param (ref null $t)) (result i32) (call_ref $t (i32.const 5) (local.get 0)))
  (func (export "non_null") (param (ref $t)) (result i32) (call_ref $t (i32.const 5) (local.get 0)))
  (func (export "constant") (result i32) (call_ref $t (i32.const 5) (global.get $g)))
  (func (export "branch") (param (ref null $t)) (result i32)
    (block $null
      (return (call_ref $t (i32.const 5) (br_on_null $null (local.get 0)))))
    (i32.const -1))
  (func (export "as_non_null") (param (ref null $t)) (result (ref $t)) (ref.as_non_null (local.get 0))))

;;= ;; function 0 (double)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0084                               v2 = iconst.i32 1
;;= @0086                               v3 = ishl v0, v2  ; v2 = 1
;;= @0087                               jump block1(v3)
;;=
;;=                                 block1(v1: i32):
;;= @0087                               return v1
;;= }
;;=
;;= ;; function 1 (nullable)
;;= function u0:1(i64) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=
;;=                                 block0(v0: i64):
;;= @008a                               v2 = iconst.i32 5
;;= @008e                               trapz v0, user12
;;= @008e                               v3 = call_indirect sig0, v0(v2)  ; v2 = 5
;;= @0090                               jump block1(v3)
;;=
;;=                                 block1(v1: i32):
;;= @0090                               return v1
;;= }
;;=
;;= ;; function 2 (non_null)
;;= function u0:2(i64) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=
;;=                                 block0(v0: i64):
;;= @0093                               v2 = iconst.i32 5
;;= @0097                               trapz v0, user12
;;= @0097                               v3 = call_indirect sig0, v0(v2)  ; v2 = 5
;;= @0099                               jump block1(v3)
;;=
;;=                                 block1(v1: i32):
;;= @0099                               return v1
;;= }
;;=
;;= ;; function 3 (constant)
;;= function u0:3() -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=     sig1 = (i32) -> i32 tail
;;=     fn0 = colocated u0:0 sig0
;;=
;;=                                 block0:
;;= @009c                               v1 = iconst.i32 5
;;= @009e                               v2 = func_addr.i64 fn0
;;= @00a0                               trapz v2, user12
;;= @00a0                               v3 = call_indirect sig1, v2(v1)  ; v1 = 5
;;= @00a2                               jump block1(v3)
;;=
;;=                                 block1(v0: i32):
;;= @00a2                               return v0
;;= }
;;=
;;= ;; function 4 (branch)
;;= function u0:4(i64) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=
;;=                                 block0(v0: i64):
;;= @00a7                               v2 = iconst.i32 5
;;= @00ab                               v3 = iconst.i64 0
;;= @00ab                               v4 = icmp eq v0, v3  ; v3 = 0
;;= @00ab                               brif v4, block2, block3
;;=
;;=                                 block3:
;;= @00ad                               trapz.i64 v0, user12
;;= @00ad                               v5 = call_indirect.i64 sig0, v0(v2)  ; v2 = 5
;;= @00af                               return v5
;;=
;;=                                 block2:
;;= @00b1                               v6 = iconst.i32 -1
;;= @00b3                               jump block1(v6)  ; v6 = -1
;;=
;;=                                 block1(v1: i32):
;;= @00b3                               return v1
;;= }
;;=
;;= ;; function 5 (as_non_null)
;;= function u0:5(i64) -> i64 tail {
;;=
;;=                                 block0(v0: i64):
;;= @00b8                               trapz v0, user11
;;= @00b9                               jump block1(v0)
;;=
;;=                                 block1(v1: i64):
;;= @00b9                               return v1
;;= }
;;=
