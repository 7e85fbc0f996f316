;; A host function is called through a trampoline that records the guest's frame.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (memory (export "memory") 1)
  (func (export "call") (result i32) (call $sched_yield)))

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
;;=     v4 = symbol_value.i64 gv1
;;=     v5 = iconst.i64 0
;;=     v6 = iadd v4, v5  ; v5 = 0
;;=     v7 = call fn0(v6)
;;=     return v7
;;= }
;;=
;;= ;; function 1 (call)
;;= function u0:2() -> i32 tail {
;;=     sig0 = () -> i32 tail
;;=     fn0 = colocated u0:1 sig0
;;=
;;=                                 block0:
;;= @0058                               v1 = call fn0()
;;= @005a                               jump block1(v1)
;;=
;;=                                 block1(v0: i32):
;;= @005a                               return v0
;;= }
;;=
