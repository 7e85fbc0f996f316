;; The runtime accesses the memory, so address and width are compared with its size.
(module
  (memory 1 2 shared)
  (func (export "wait") (param i32 i32) (result i32)
    (memory.atomic.wait32 (local.get 0) (local.get 1) (i64.const -1)))
  (func (export "grow") (param i32) (result i32)
    (drop (memory.grow (local.get 0)))
    (memory.size)))

;;= ;; function 0 (wait)
;;= function u0:0(i32, i32) -> i32 tail {
;;=     sig0 = (i64, i32, i64) -> i32 system_v
;;=     fn0 = colocated u3:9 sig0
;;=
;;=                                 block0(v0: i32, v1: i32):
;;= @003b                               v3 = iconst.i64 -1
;;= @003d                               v4 = iconst.i32 3
;;= @003d                               v5 = band v0, v4  ; v4 = 3
;;= @003d                               trapnz v5, user16
;;= @003d                               v6 = uextend.i64 v0
;;= @003d                               v7 = symbol_value.i64 gv1
;;= @003d                               v8 = load.i64 notrap aligned region1 v7+8
;;= @003d                               v9 = iconst.i64 4
;;= @003d                               v10 = iadd v6, v9  ; v9 = 4
;;= @003d                               v11 = icmp ugt v10, v8
;;= @003d                               trapnz v11, user2
;;= @003d                               v12 = iconst.i64 0x0001_0000
;;= @003d                               v13 = iadd v6, v12  ; v12 = 0x0001_0000
;;= @003d                               v14 = call fn0(v13, v1, v3)  ; v3 = -1
;;= @0041                               jump block1(v14)
;;=
;;=                                 block1(v2: i32):
;;= @0041                               return v2
;;= }
;;=
;;= ;; function 1 (grow)
;;= function u0:1(i32) -> i32 tail {
;;=     sig0 = (i64, i64) -> i64 system_v
;;=     fn0 = colocated u3:8 sig0
;;=
;;=                                 block0(v0: i32):
;;= @0046                               v2 = uextend.i64 v0
;;= @0046                               v3 = symbol_value.i64 gv1
;;= @0046                               v4 = iconst.i64 0
;;= @0046                               v5 = iadd v3, v4  ; v4 = 0
;;= @0046                               v6 = call fn0(v5, v2)
;;= @0046                               v7 = ireduce.i32 v6
;;= @0049                               v8 = symbol_value.i64 gv1
;;= @0049                               v9 = iconst.i64 0
;;= @0049                               v10 = iadd v8, v9  ; v9 = 0
;;= @0049                               v11 = iconst.i64 8
;;= @0049                               v12 = iadd v10, v11  ; v11 = 8
;;= @0049                               v13 = atomic_load.i64 notrap aligned region1 v12
;;= @0049                               v14 = iconst.i64 16
;;= @0049                               v15 = ushr v13, v14  ; v14 = 16
;;= @0049                               v16 = ireduce.i32 v15
;;= @004b                               jump block1(v16)
;;=
;;=                                 block1(v1: i32):
;;= @004b                               return v1
;;= }
;;=
