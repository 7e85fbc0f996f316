;;! bounds: explicit
;; Every access is compared with the memory's size; the compare is of index and offset plus width.
(module
  (memory 1)
  (func (export "load") (param i32) (result i32) (i32.load offset=8 (local.get 0)))
  (func (export "store") (param i32 i64) (i64.store (local.get 0) (local.get 1))))

;;= ;; function 0 (load)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0038                               v2 = uextend.i64 v0
;;= @0038                               v3 = symbol_value.i64 gv1
;;= @0038                               v4 = load.i64 notrap aligned region1 v3+8
;;= @0038                               v5 = iconst.i64 12
;;= @0038                               v6 = iadd v2, v5  ; v5 = 12
;;= @0038                               v7 = icmp ugt v6, v4
;;= @0038                               trapnz v7, user2
;;= @0038                               v8 = load.i32 user2 little region0 v2+0x0001_0008
;;= @003b                               jump block1(v8)
;;=
;;=                                 block1(v1: i32):
;;= @003b                               return v1
;;= }
;;=
;;= ;; function 1 (store)
;;= function u0:1(i32, i64) tail {
;;=
;;=                                 block0(v0: i32, v1: i64):
;;= @0042                               v2 = uextend.i64 v0
;;= @0042                               v3 = symbol_value.i64 gv1
;;= @0042                               v4 = load.i64 notrap aligned region1 v3+8
;;= @0042                               v5 = iconst.i64 8
;;= @0042                               v6 = iadd v2, v5  ; v5 = 8
;;= @0042                               v7 = icmp ugt v6, v4
;;= @0042                               trapnz v7, user2
;;= @0042                               store user2 little region0 v1, v2+0x0001_0000
;;= @0045                               jump block1
;;=
;;=                                 block1:
;;= @0045                               return
;;= }
;;=
