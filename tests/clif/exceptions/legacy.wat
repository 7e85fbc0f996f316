;; The older form: a cleanup that throws again keeps the exception in the frame, and one by tag keeps it in values.
(module
  (tag $e (param i32))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (func $throws (export "throws") (param i32)
    (drop (call $yield))
    (throw $e (local.get 0)))
  (func (export "cleanup") (param i32)
    try
      (call $throws (local.get 0))
    catch_all
      (drop (call $yield))
      rethrow 0
    end)
  (func (export "by_tag") (param i32) (result i32)
    try (result i32)
      (call $throws (local.get 0))
      i32.const 0
    catch $e
      (drop (call $yield))
    end)
  (func (export "delegates") (param i32)
    try
      try
        (call $throws (local.get 0))
      delegate 0
    catch_all
    end))

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
;;= ;; function 1 (throws)
;;= function u0:2(i32) tail {
;;=     sig0 = () -> i32 tail
;;=     sig1 = (i64, i64) tail
;;=     fn0 = colocated u0:1 sig0
;;=     fn1 = colocated u6:0 sig1
;;=
;;=                                 block0(v0: i32):
;;= @007c                               v1 = call fn0()
;;= @0081                               v2 = symbol_value.i64 gv2
;;= @0081                               v3 = iconst.i64 0
;;= @0081                               v4 = iadd v2, v3  ; v3 = 0
;;= @0081                               v5 = iconst.i32 0
;;= @0081                               store notrap region1 v5, v4  ; v5 = 0
;;= @0081                               v6 = iconst.i32 16
;;= @0081                               store notrap region1 v6, v4+4  ; v6 = 16
;;= @0081                               store notrap region1 v0, v4+8
;;= @0081                               v7 = symbol_value.i64 gv0
;;= @0081                               v8 = iconst.i64 0
;;= @0081                               v9 = iadd v7, v8  ; v8 = 0
;;= @0081                               call fn1(v4, v9)
;;= @0081                               trap user18
;;= }
;;=
;;= ;; function 2 (cleanup)
;;= function u0:3(i32) tail {
;;=     ss0 = explicit_slot 16, align = 8
;;=     sig0 = (i32) tail
;;=     sig1 = (i64, i64, i64) system_v
;;=     sig2 = () -> i32 tail
;;=     sig3 = (i64, i64) tail
;;=     fn0 = colocated u0:2 sig0
;;=     fn1 = colocated u3:1 sig1
;;=     fn2 = colocated u0:1 sig2
;;=     fn3 = colocated u6:0 sig3
;;=
;;=                                 block0(v0: i32):
;;= @008a                               try_call fn0(v0), sig0, block4, [ default: block2(exn0) ]
;;=
;;=                                 block4:
;;= @008c                               jump block3
;;=
;;=                                 block2(v1: i64) cold:
;;= @008c                               v2 = stack_addr.i64 ss0
;;= @008c                               v3 = uload32 notrap region1 v1+4
;;= @008c                               call fn1(v2, v1, v3)
;;= @008d                               v4 = call fn2()
;;= @0090                               v5 = stack_addr.i64 ss0
;;= @0090                               v6 = symbol_value.i64 gv2
;;= @0090                               v7 = iconst.i64 0
;;= @0090                               v8 = iadd v6, v7  ; v7 = 0
;;= @0090                               v9 = uload32 notrap region1 v5+4
;;= @0090                               call fn1(v8, v5, v9)
;;= @0090                               v10 = symbol_value.i64 gv0
;;= @0090                               v11 = iconst.i64 0
;;= @0090                               v12 = iadd v10, v11  ; v11 = 0
;;= @0090                               call fn3(v8, v12)
;;= @0090                               trap user18
;;=
;;=                                 block3:
;;= @0093                               jump block1
;;=
;;=                                 block1:
;;= @0093                               return
;;= }
;;=
;;= ;; function 3 (by_tag)
;;= function u0:4(i32) -> i32 tail {
;;=     sig0 = (i32) tail
;;=     sig1 = () -> i32 tail
;;=     fn0 = colocated u0:2 sig0
;;=     fn1 = colocated u0:1 sig1
;;=
;;=                                 block0(v0: i32):
;;= @009a                               try_call fn0(v0), sig0, block4, [ tag0: block2(exn0) ]
;;=
;;=                                 block4:
;;= @009c                               v4 = iconst.i32 0
;;= @009e                               jump block3(v4)  ; v4 = 0
;;=
;;=                                 block2(v2: i64) cold:
;;= @009e                               v5 = load.i32 notrap region1 v2+8
;;= @00a0                               v6 = call fn1()
;;= @00a3                               jump block3(v5)
;;=
;;=                                 block3(v3: i32):
;;= @00a4                               jump block1(v3)
;;=
;;=                                 block1(v1: i32):
;;= @00a4                               return v1
;;= }
;;=
;;= ;; function 4 (delegates)
;;= function u0:5(i32) tail {
;;=     sig0 = (i32) tail
;;=     fn0 = colocated u0:2 sig0
;;=
;;=                                 block0(v0: i32):
;;= @00ad                               try_call fn0(v0), sig0, block5, [ default: block2(exn0) ]
;;=
;;=                                 block5:
;;= @00af                               jump block4
;;=
;;=                                 block4:
;;= @00b1                               jump block3
;;=
;;=                                 block2(v1: i64) cold:
;;= @00b2                               jump block3
;;=
;;=                                 block3:
;;= @00b3                               jump block1
;;=
;;=                                 block1:
;;= @00b3                               return
;;= }
;;=
