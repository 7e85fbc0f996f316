;; The low bits of the address are tested, and the guard does the rest; an offset that is aligned needs no sum.
(module
  (memory 1 2 shared)
  (func (export "add") (param i32 i64) (result i64)
    (i64.atomic.rmw.add offset=16 (local.get 0) (local.get 1)))
  (func (export "cas") (param i32 i32 i32) (result i32)
    (i32.atomic.rmw16.cmpxchg_u offset=1 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "store") (param i32 i32)
    (i32.atomic.store8 (local.get 0) (local.get 1))))

;;= ;; function 0 (add)
;;= function u0:0(i32, i64) -> i64 tail {
;;=
;;=                                 block0(v0: i32, v1: i64):
;;= @0049                               v3 = iconst.i32 7
;;= @0049                               v4 = band v0, v3  ; v3 = 7
;;= @0049                               trapnz v4, user16
;;= @0049                               v5 = uextend.i64 v0
;;= @0049                               v6 = iconst.i64 0x0001_0010
;;= @0049                               v7 = iadd v5, v6  ; v6 = 0x0001_0010
;;= @0049                               v8 = atomic_rmw.i64 add v7, v1
;;= @004d                               jump block1(v8)
;;=
;;=                                 block1(v2: i64):
;;= @004d                               return v2
;;= }
;;=
;;= ;; function 1 (cas)
;;= function u0:1(i32, i32, i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32, v1: i32, v2: i32):
;;= @0056                               v4 = uextend.i64 v0
;;= @0056                               v5 = iconst.i64 1
;;= @0056                               v6 = iadd v4, v5  ; v5 = 1
;;= @0056                               v7 = iconst.i64 1
;;= @0056                               v8 = band v6, v7  ; v7 = 1
;;= @0056                               trapnz v8, user16
;;= @0056                               v9 = uextend.i64 v0
;;= @0056                               v10 = iconst.i64 0x0001_0001
;;= @0056                               v11 = iadd v9, v10  ; v10 = 0x0001_0001
;;= @0056                               v12 = ireduce.i16 v2
;;= @0056                               v13 = ireduce.i16 v1
;;= @0056                               v14 = atomic_cas v11, v13, v12
;;= @0056                               v15 = uextend.i32 v14
;;= @005a                               jump block1(v15)
;;=
;;=                                 block1(v3: i32):
;;= @005a                               return v3
;;= }
;;=
;;= ;; function 2 (store)
;;= function u0:2(i32, i32) tail {
;;=
;;=                                 block0(v0: i32, v1: i32):
;;= @0061                               v2 = uextend.i64 v0
;;= @0061                               v3 = iconst.i64 0x0001_0000
;;= @0061                               v4 = iadd v2, v3  ; v3 = 0x0001_0000
;;= @0061                               v5 = ireduce.i8 v1
;;= @0061                               atomic_store user2 aligned little region0 v5, v4
;;= @0065                               jump block1
;;=
;;=                                 block1:
;;= @0065                               return
;;= }
;;=
