;; Every access is compared, in the way that cannot wrap where the memory is large enough from the start. Farther offsets
;; add and trap on the carry.
(module
  (memory i64 2 10)
  (func (export "two") (param i64) (result i32)
    (i32.add (i32.load offset=8 (local.get 0)) (i32.load offset=12 (local.get 0))))
  (func (export "far") (param i64) (result i64) (i64.load offset=0x100000000 (local.get 0)))
  (func (export "size") (result i64) (memory.size))
  (func (export "fill") (param i64 i32 i64) (memory.fill (local.get 0) (local.get 1) (local.get 2))))

;;= ;; function 0 (two)
;;= function u0:0(i64) -> i32 tail {
;;=
;;=                                 block0(v0: i64):
;;= @0050                               v2 = symbol_value.i64 gv1
;;= @0050                               v3 = load.i64 notrap aligned region1 v2+8
;;= @0050                               v4 = iconst.i64 -12
;;= @0050                               v5 = iadd v3, v4  ; v4 = -12
;;= @0050                               v6 = icmp ugt v0, v5
;;= @0050                               trapnz v6, user2
;;= @0050                               v7 = load.i32 user2 little region0 v0+0x0001_0008
;;= @0055                               v8 = symbol_value.i64 gv1
;;= @0055                               v9 = load.i64 notrap aligned region1 v8+8
;;= @0055                               v10 = iconst.i64 -16
;;= @0055                               v11 = iadd v9, v10  ; v10 = -16
;;= @0055                               v12 = icmp ugt v0, v11
;;= @0055                               trapnz v12, user2
;;= @0055                               v13 = load.i32 user2 little region0 v0+0x0001_000c
;;= @0058                               v14 = iadd v7, v13
;;= @0059                               jump block1(v14)
;;=
;;=                                 block1(v1: i32):
;;= @0059                               return v1
;;= }
;;=
;;= ;; function 1 (far)
;;= function u0:1(i64) -> i64 tail {
;;=
;;=                                 block0(v0: i64):
;;= @005e                               v2 = symbol_value.i64 gv1
;;= @005e                               v3 = load.i64 notrap aligned region1 v2+8
;;= @005e                               v4 = iconst.i64 0x0001_0000_0008
;;= @005e                               v5 = uadd_overflow_trap v0, v4, user2  ; v4 = 0x0001_0000_0008
;;= @005e                               v6 = icmp ugt v5, v3
;;= @005e                               trapnz v6, user2
;;= @005e                               v7 = iconst.i64 0x0001_0001_0000
;;= @005e                               v8 = iadd v7, v0  ; v7 = 0x0001_0001_0000
;;= @005e                               v9 = load.i64 user2 little region0 v8
;;= @0065                               jump block1(v9)
;;=
;;=                                 block1(v1: i64):
;;= @0065                               return v1
;;= }
;;=
;;= ;; function 2 (size)
;;= function u0:2() -> i64 tail {
;;=
;;=                                 block0:
;;= @0068                               v1 = symbol_value.i64 gv1
;;= @0068                               v2 = load.i64 notrap aligned region1 v1+8
;;= @0068                               v3 = iconst.i64 16
;;= @0068                               v4 = ushr v2, v3  ; v3 = 16
;;= @006a                               jump block1(v4)
;;=
;;=                                 block1(v0: i64):
;;= @006a                               return v0
;;= }
;;=
;;= ;; function 3 (fill)
;;= function u0:3(i64, i32, i64) tail {
;;=     sig0 = (i64, i32, i64) system_v
;;=     fn0 = colocated u3:2 sig0
;;=
;;=                                 block0(v0: i64, v1: i32, v2: i64):
;;= @0073                               v3 = symbol_value.i64 gv1
;;= @0073                               v4 = load.i64 notrap aligned region1 v3+8
;;= @0073                               v5 = uadd_overflow_trap v0, v2, user2
;;= @0073                               v6 = icmp ugt v5, v4
;;= @0073                               trapnz v6, user2
;;= @0073                               v7 = iconst.i64 0x0001_0000
;;= @0073                               v8 = iadd v0, v7  ; v7 = 0x0001_0000
;;= @0073                               call fn0(v8, v1, v2)
;;= @0076                               jump block1
;;=
;;=                                 block1:
;;= @0076                               return
;;= }
;;=
