;; A static offset that the guard does not cover is compared; the sum with the index is of 64 bits.
(module
  (memory 1)
  (func (export "covered") (param i32) (result i32) (i32.load offset=0x7ffffffc (local.get 0)))
  (func (export "compared") (param i32) (result i32) (i32.load offset=0x7ffffffd (local.get 0))))

;;= ;; function 0 (covered)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0039                               v2 = uextend.i64 v0
;;= @0039                               v3 = iconst.i64 0x0001_0000
;;= @0039                               v4 = iadd v3, v2  ; v3 = 0x0001_0000
;;= @0039                               v5 = load.i32 user2 little region0 v4+0x7fff_fffc
;;= @0040                               jump block1(v5)
;;=
;;=                                 block1(v1: i32):
;;= @0040                               return v1
;;= }
;;=
;;= ;; function 1 (compared)
;;= function u0:1(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0045                               v2 = uextend.i64 v0
;;= @0045                               v3 = symbol_value.i64 gv1
;;= @0045                               v4 = load.i64 notrap aligned region1 v3+8
;;= @0045                               v5 = iconst.i64 0x8000_0001
;;= @0045                               v6 = iadd v2, v5  ; v5 = 0x8000_0001
;;= @0045                               v7 = icmp ugt v6, v4
;;= @0045                               trapnz v7, user2
;;= @0045                               v8 = iconst.i64 0x0001_0000
;;= @0045                               v9 = iadd v8, v2  ; v8 = 0x0001_0000
;;= @0045                               v10 = load.i32 user2 little region0 v9+0x7fff_fffd
;;= @004c                               jump block1(v10)
;;=
;;=                                 block1(v1: i32):
;;= @004c                               return v1
;;= }
;;=
