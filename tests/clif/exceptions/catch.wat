;; A call in a `try_table` has its handlers as edges; the code around it is that of an ordinary call. Only what the clause
;; asks for is read: the values, and for a reference a copy that stays.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $callee (result i32)))
  (tag $e (param i32 i64))
  (func $f (export "values") (param i32) (result i32)
    (block $caught (result i32 i64)
      (try_table (catch $e $caught) (return (call $g (local.get 0))))
      (unreachable))
    (i32.wrap_i64)
    (i32.add))
  (func (export "reference") (param i32)
    (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (drop (call $g (local.get 0))))
      (return))
    (throw_ref))
  (func $g (export "throws") (param i32) (result i32)
    (if (local.get 0) (then (throw $e (local.get 0) (i64.const 1))))
    (call $callee)))

;;= ;; function 1 (wasi_snapshot_preview1.sched_yield)
;;= function u0:1() -> i32 tail {
;;=     sig0 = (i64) -> i32 system_v
;;=     fn0 = colocated u4:40 sig0
;;=
;;= block0:
;;=     v0 = symbol_value.i64 gv4
;;=     v1 = get_frame_pointer.i64
;;=     v2 = load.i64 notrap aligned v1
;;=     v3 = get_return_address.i64
;;=     store notrap aligned v2, v0
;;=     store notrap aligned v3, v0+8
;;=     v4 = iconst.i64 0
;;=     v5 = call fn0(v4)  ; v4 = 0
;;=     return v5
;;= }
;;=
;;= ;; function 1 (f)
;;= function u0:2(i32) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=     fn0 = colocated u0:4 sig0
;;=
;;=                                 block0(v0: i32):
;;= @0085                               try_call fn0(v0), sig0, block5(ret0), [ tag0: block3(exn0) ]
;;=
;;=                                 block5(v5: i32):
;;= @0087                               return v5
;;=
;;=                                 block3(v4: i64) cold:
;;= @0088                               v6 = load.i32 notrap region1 v4+8
;;= @0088                               v7 = load.i64 notrap region1 v4+16
;;= @0088                               jump block2(v6, v7)
;;=
;;=                                 block2(v2: i32, v3: i64) cold:
;;= @008b                               v8 = ireduce.i32 v3
;;= @008c                               v9 = iadd v2, v8
;;= @008d                               jump block1(v9)
;;=
;;=                                 block1(v1: i32) cold:
;;= @008d                               return v1
;;= }
;;=
;;= ;; function 2 (reference)
;;= function u0:3(i32) tail {
;;=     sig0 = (i32) -> i32 tail
;;=     sig1 = (i64) -> i64 system_v
;;=     sig2 = (i64, i64) tail
;;=     fn0 = colocated u0:4 sig0
;;=     fn1 = colocated u3:7 sig1
;;=     fn2 = colocated u6:0 sig2
;;=
;;=                                 block0(v0: i32):
;;= @0099                               try_call fn0(v0), sig0, block5(ret0), [ default: block3(exn0) ]
;;=
;;=                                 block5(v3: i32):
;;= @009c                               jump block4
;;=
;;=                                 block3(v2: i64) cold:
;;= @009c                               v4 = call fn1(v2)
;;= @009c                               jump block2(v4)
;;=
;;=                                 block4:
;;= @009d                               return
;;=
;;=                                 block2(v1: i64) cold:
;;= @009f                               trapz v1, user11
;;= @009f                               v5 = symbol_value.i64 gv0
;;= @009f                               v6 = iconst.i64 0
;;= @009f                               v7 = iadd v5, v6  ; v6 = 0
;;= @009f                               call fn2(v1, v7)
;;= @009f                               trap user18
;;= }
;;=
;;= ;; function 3 (g)
;;= function u0:4(i32) -> i32 tail {
;;=     sig0 = (i64, i64) tail
;;=     sig1 = () -> i32 tail
;;=     fn0 = colocated u6:0 sig0
;;=     fn1 = colocated u0:1 sig1
;;=
;;=                                 block0(v0: i32):
;;= @00a5                               brif v0, block2, block3
;;=
;;=                                 block2:
;;= @00a9                               v2 = iconst.i64 1
;;= @00ab                               v3 = symbol_value.i64 gv2
;;= @00ab                               v4 = iconst.i64 0
;;= @00ab                               v5 = iadd v3, v4  ; v4 = 0
;;= @00ab                               v6 = iconst.i32 0
;;= @00ab                               store notrap region1 v6, v5  ; v6 = 0
;;= @00ab                               v7 = iconst.i32 24
;;= @00ab                               store notrap region1 v7, v5+4  ; v7 = 24
;;= @00ab                               store.i32 notrap region1 v0, v5+8
;;= @00ab                               store notrap region1 v2, v5+16  ; v2 = 1
;;= @00ab                               v8 = symbol_value.i64 gv0
;;= @00ab                               v9 = iconst.i64 0
;;= @00ab                               v10 = iadd v8, v9  ; v9 = 0
;;= @00ab                               call fn0(v5, v10)
;;= @00ab                               trap user18
;;=
;;=                                 block3:
;;= @00ad                               jump block4
;;=
;;=                                 block4:
;;= @00ae                               v11 = call fn1()
;;= @00b0                               jump block1(v11)
;;=
;;=                                 block1(v1: i32):
;;= @00b0                               return v1
;;= }
;;=
