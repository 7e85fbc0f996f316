;; Of each kind, and with more arguments than the caller has: these need more of the stack than it was given.
(module
  (type $t (func (param i32) (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) func $direct)
  (func $direct (export "direct") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
    (return_call $indirect (i32.sub (local.get 0) (i32.const 1))))
  (func $indirect (export "indirect") (param i32) (result i32)
    (return_call_indirect (type $t) (local.get 0) (i32.and (local.get 0) (i32.const 1))))
  (func (export "reference") (param (ref null $t) i32) (result i32)
    (return_call_ref $t (local.get 1) (local.get 0)))
  (func $many (export "many") (param i64 i64 i64 i64 i64 i64 i64 i64) (result i32)
    (return_call $direct (i32.wrap_i64 (local.get 7))))
  (func (export "more") (param i64) (result i32)
    (return_call $many (local.get 0) (local.get 0) (local.get 0) (local.get 0)
      (local.get 0) (local.get 0) (local.get 0) (local.get 0))))

;;= ;; function 0 (direct)
;;= function u0:0(i32) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=     fn0 = colocated u0:1 sig0
;;=
;;=                                 block0(v0: i32):
;;= @0077                               v2 = iconst.i32 0
;;= @0077                               v3 = icmp eq v0, v2  ; v2 = 0
;;= @0077                               v4 = uextend.i32 v3
;;= @0078                               brif v4, block2, block3
;;=
;;=                                 block2:
;;= @007a                               v5 = iconst.i32 7
;;= @007c                               return v5  ; v5 = 7
;;=
;;=                                 block3:
;;= @007d                               jump block4
;;=
;;=                                 block4:
;;= @0080                               v6 = iconst.i32 1
;;= @0082                               v7 = isub.i32 v0, v6  ; v6 = 1
;;= @0083                               return_call fn0(v7)
;;= }
;;=
;;= ;; function 1 (indirect)
;;= function u0:1(i32) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=
;;=                                 block0(v0: i32):
;;= @008c                               v2 = iconst.i32 1
;;= @008e                               v3 = band v0, v2  ; v2 = 1
;;= @008f                               v4 = uextend.i64 v3
;;= @008f                               v5 = iconst.i64 2
;;= @008f                               v6 = icmp uge v4, v5  ; v5 = 2
;;= @008f                               trapnz v6, user4
;;= @008f                               v7 = symbol_value.i64 gv0
;;= @008f                               v8 = iconst.i64 0
;;= @008f                               v9 = iadd v7, v8  ; v8 = 0
;;= @008f                               v10 = iconst.i64 3
;;= @008f                               v11 = ishl v4, v10  ; v10 = 3
;;= @008f                               v12 = iadd v9, v11
;;= @008f                               v13 = load.i64 notrap aligned region2 v12
;;= @008f                               v14 = load.i32 user5 aligned readonly v13-4
;;= @008f                               v15 = iconst.i32 0
;;= @008f                               v16 = icmp ne v14, v15  ; v15 = 0
;;= @008f                               trapnz v16, user6
;;= @008f                               return_call_indirect sig0, v13(v0)
;;= }
;;=
;;= ;; function 2 (reference)
;;= function u0:2(i64, i32) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=
;;=                                 block0(v0: i64, v1: i32):
;;= @0099                               trapz v0, user12
;;= @0099                               return_call_indirect sig0, v0(v1)
;;= }
;;=
;;= ;; function 3 (many)
;;= function u0:3(i64, i64, i64, i64, i64, i64, i64, i64) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=     fn0 = colocated u0:0 sig0
;;=
;;=                                 block0(v0: i64, v1: i64, v2: i64, v3: i64, v4: i64, v5: i64, v6: i64, v7: i64):
;;= @00a0                               v9 = ireduce.i32 v7
;;= @00a1                               return_call fn0(v9)
;;= }
;;=
;;= ;; function 4 (more)
;;= function u0:4(i64) -> i32 tail {
;;=     sig0 = (i64, i64, i64, i64, i64, i64, i64, i64) -> i32 tail
;;=     fn0 = colocated u0:3 sig0
;;=
;;=                                 block0(v0: i64):
;;= @00b6                               return_call fn0(v0, v0, v0, v0, v0, v0, v0, v0)
;;= }
;;=
