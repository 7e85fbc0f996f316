;; In a program that starts threads, globals, tables and unshared memories are reached by the pinned register; the base of
;; such a memory is loaded, that of a shared one is known.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory $shared 1 1 shared)
  (memory $own 1)
  (global $g (mut i32) (i32.const 0))
  (func (export "wasi_thread_start") (param i32 i32)
    (global.set $g (local.get 1)))
  (func (export "run") (param i32) (result i32)
    (i32.store $shared (local.get 0) (call $spawn (i32.const 1)))
    (i32.add (global.get $g) (i32.load $own offset=4 (local.get 0)))))

;;= ;; function 1 (wasi.thread-spawn)
;;= function u0:1(i32) -> i32 tail {
;;=     sig0 = (i64, i32, i32) system_v
;;=     sig1 = (i64, i64, i32) -> i32 system_v
;;=     fn0 = colocated u8:0 sig0
;;=     fn1 = colocated u3:13 sig1
;;=
;;= block0(v0: i32):
;;=     v1 = get_pinned_reg.i64
;;=     v2 = iconst.i64 0
;;=     v3 = iadd v1, v2  ; v2 = 0
;;=     v4 = get_frame_pointer.i64
;;=     v5 = load.i64 notrap aligned v4
;;=     v6 = get_return_address.i64
;;=     store notrap aligned v5, v3
;;=     store notrap aligned v6, v3+8
;;=     v7 = func_addr.i64 fn0
;;=     v8 = symbol_value.i64 gv0
;;=     v9 = iconst.i64 0
;;=     v10 = iadd v8, v9  ; v9 = 0
;;=     v11 = call fn1(v10, v7, v0)
;;=     return v11
;;= }
;;=
;;= ;; function 1 (wasi_thread_start)
;;= function u0:2(i32, i32) tail {
;;=
;;=                                 block0(v0: i32, v1: i32):
;;= @0065                               v2 = get_pinned_reg.i64
;;= @0065                               store notrap aligned region1 v1, v2+96
;;= @0067                               jump block1
;;=
;;=                                 block1:
;;= @0067                               return
;;= }
;;=
;;= ;; function 2 (run)
;;= function u0:3(i32) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=     fn0 = colocated u0:1 sig0
;;=
;;=                                 block0(v0: i32):
;;= @006c                               v2 = iconst.i32 1
;;= @006e                               v3 = call fn0(v2)  ; v2 = 1
;;= @0070                               v4 = uextend.i64 v0
;;= @0070                               store user2 little region0 v3, v4+0x0001_0000
;;= @0073                               v5 = get_pinned_reg.i64
;;= @0073                               v6 = load.i32 notrap aligned region1 v5+96
;;= @0077                               v7 = uextend.i64 v0
;;= @0077                               v8 = get_pinned_reg.i64
;;= @0077                               v9 = load.i64 notrap aligned region1 v8+64
;;= @0077                               v10 = iadd v9, v7
;;= @0077                               v11 = load.i32 user2 little region0 v10+4
;;= @007b                               v12 = iadd v6, v11
;;= @007c                               jump block1(v12)
;;=
;;=                                 block1(v1: i32):
;;= @007c                               return v1
;;= }
;;=
