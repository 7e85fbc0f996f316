;; A table that nothing changes is read-only data, and its length is a constant.
(module
  (type $t (func (param i32) (result i32)))
  (table 2 2 funcref)
  (elem (i32.const 0) $a $b)
  (func $a (type $t) (local.get 0))
  (func $b (type $t) (i32.const 1))
  (func (export "call") (param i32) (result i32) (call_indirect (type $t) (i32.const 5) (local.get 0))))

;;= ;; function 0 (a)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0038                               jump block1(v0)
;;=
;;=                                 block1(v1: i32):
;;= @0038                               return v1
;;= }
;;=
;;= ;; function 1 (b)
;;= function u0:1(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @003b                               v2 = iconst.i32 1
;;= @003d                               jump block1(v2)  ; v2 = 1
;;=
;;=                                 block1(v1: i32):
;;= @003d                               return v1
;;= }
;;=
;;= ;; function 2 (call)
;;= function u0:2(i32) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=
;;=                                 block0(v0: i32):
;;= @0040                               v2 = iconst.i32 5
;;= @0044                               v3 = uextend.i64 v0
;;= @0044                               v4 = iconst.i64 2
;;= @0044                               v5 = icmp uge v3, v4  ; v4 = 2
;;= @0044                               trapnz v5, user4
;;= @0044                               v6 = symbol_value.i64 gv0
;;= @0044                               v7 = iconst.i64 0
;;= @0044                               v8 = iadd v6, v7  ; v7 = 0
;;= @0044                               v9 = iconst.i64 3
;;= @0044                               v10 = ishl v3, v9  ; v9 = 3
;;= @0044                               v11 = iadd v8, v10
;;= @0044                               v12 = load.i64 notrap aligned region2 v11
;;= @0044                               v13 = load.i32 user5 aligned readonly v12-4
;;= @0044                               v14 = iconst.i32 0
;;= @0044                               v15 = icmp ne v13, v14  ; v14 = 0
;;= @0044                               trapnz v15, user6
;;= @0044                               v16 = call_indirect sig0, v12(v2)  ; v2 = 5
;;= @0047                               jump block1(v16)
;;=
;;=                                 block1(v1: i32):
;;= @0047                               return v1
;;= }
;;=
