;; Bounds, null and type of an element of a table that can change.
(module
  (type $t (func (param i32) (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) $a $b)
  (func $a (type $t) (local.get 0))
  (func $b (param i64))
  (func (export "grow") (result i32) (table.grow (ref.null func) (i32.const 1)))
  (func (export "call") (param i32) (result i32) (call_indirect (type $t) (i32.const 5) (local.get 0))))

;;= ;; function 0 (a)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0047                               jump block1(v0)
;;=
;;=                                 block1(v1: i32):
;;= @0047                               return v1
;;= }
;;=
;;= ;; function 1 (b)
;;= function u0:1(i64) tail {
;;=
;;=                                 block0(v0: i64):
;;= @004a                               jump block1
;;=
;;=                                 block1:
;;= @004a                               return
;;= }
;;=
;;= ;; function 2 (grow)
;;= function u0:2() -> i32 tail {
;;=     sig0 = (i64, i64, i64) -> i64 system_v
;;=     fn0 = colocated u3:3 sig0
;;=
;;=                                 block0:
;;= @004d                               v1 = iconst.i64 0
;;= @004f                               v2 = iconst.i32 1
;;= @0051                               v3 = uextend.i64 v2  ; v2 = 1
;;= @0051                               v4 = symbol_value.i64 gv1
;;= @0051                               v5 = iconst.i64 0
;;= @0051                               v6 = iadd v4, v5  ; v5 = 0
;;= @0051                               v7 = call fn0(v6, v3, v1)  ; v1 = 0
;;= @0051                               v8 = ireduce.i32 v7
;;= @0054                               jump block1(v8)
;;=
;;=                                 block1(v0: i32):
;;= @0054                               return v0
;;= }
;;=
;;= ;; function 3 (call)
;;= function u0:3(i32) -> i32 tail {
;;=     sig0 = (i32) -> i32 tail
;;=
;;=                                 block0(v0: i32):
;;= @0057                               v2 = iconst.i32 5
;;= @005b                               v3 = uextend.i64 v0
;;= @005b                               v4 = symbol_value.i64 gv1
;;= @005b                               v5 = load.i64 notrap aligned region1 v4+8
;;= @005b                               v6 = icmp uge v3, v5
;;= @005b                               trapnz v6, user4
;;= @005b                               v7 = symbol_value.i64 gv1
;;= @005b                               v8 = load.i64 notrap aligned region1 v7
;;= @005b                               v9 = iconst.i64 3
;;= @005b                               v10 = ishl v3, v9  ; v9 = 3
;;= @005b                               v11 = iadd v8, v10
;;= @005b                               v12 = load.i64 notrap aligned region2 v11
;;= @005b                               v13 = load.i32 user5 aligned readonly v12-4
;;= @005b                               v14 = iconst.i32 0
;;= @005b                               v15 = icmp ne v13, v14  ; v14 = 0
;;= @005b                               trapnz v15, user6
;;= @005b                               v16 = call_indirect sig0, v12(v2)  ; v2 = 5
;;= @005e                               jump block1(v16)
;;=
;;=                                 block1(v1: i32):
;;= @005e                               return v1
;;= }
;;=
