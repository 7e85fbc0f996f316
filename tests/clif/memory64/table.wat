;; The index of a 64-bit table is compared as it is.
(module
  (type $t (func (result i32)))
  (table i64 4 funcref)
  (elem (table 0) (i64.const 0) func $f)
  (func $f (export "f") (result i32) (i32.const 1))
  (func (export "call") (param i64) (result i32) (call_indirect (type $t) (local.get 0)))
  (func (export "set") (param i64) (table.set (local.get 0) (ref.func $f)))
  (func (export "size") (result i64) (table.size)))

;;= ;; function 0 (f)
;;= function u0:0() -> i32 tail {
;;=
;;=                                 block0:
;;= @0054                               v1 = iconst.i32 1
;;= @0056                               jump block1(v1)  ; v1 = 1
;;=
;;=                                 block1(v0: i32):
;;= @0056                               return v0
;;= }
;;=
;;= ;; function 1 (call)
;;= function u0:1(i64) -> i32 tail {
;;=     sig0 = () -> i32 tail
;;=
;;=                                 block0(v0: i64):
;;= @005b                               v2 = iconst.i64 4
;;= @005b                               v3 = icmp uge v0, v2  ; v2 = 4
;;= @005b                               trapnz v3, user4
;;= @005b                               v4 = symbol_value.i64 gv1
;;= @005b                               v5 = iconst.i64 0
;;= @005b                               v6 = iadd v4, v5  ; v5 = 0
;;= @005b                               v7 = iconst.i64 3
;;= @005b                               v8 = ishl v0, v7  ; v7 = 3
;;= @005b                               v9 = iadd v6, v8
;;= @005b                               v10 = load.i64 notrap aligned region2 v9
;;= @005b                               v11 = load.i32 user5 aligned readonly v10-4
;;= @005b                               v12 = iconst.i32 0
;;= @005b                               v13 = icmp ne v11, v12  ; v12 = 0
;;= @005b                               trapnz v13, user6
;;= @005b                               v14 = call_indirect sig0, v10()
;;= @005e                               jump block1(v14)
;;=
;;=                                 block1(v1: i32):
;;= @005e                               return v1
;;= }
;;=
;;= ;; function 2 (set)
;;= function u0:2(i64) tail {
;;=     sig0 = () -> i32 tail
;;=     fn0 = colocated u0:0 sig0
;;=
;;=                                 block0(v0: i64):
;;= @0063                               v1 = func_addr.i64 fn0
;;= @0065                               v2 = iconst.i64 4
;;= @0065                               v3 = icmp uge v0, v2  ; v2 = 4
;;= @0065                               trapnz v3, user3
;;= @0065                               v4 = symbol_value.i64 gv1
;;= @0065                               v5 = iconst.i64 0
;;= @0065                               v6 = iadd v4, v5  ; v5 = 0
;;= @0065                               v7 = iconst.i64 3
;;= @0065                               v8 = ishl v0, v7  ; v7 = 3
;;= @0065                               v9 = iadd v6, v8
;;= @0065                               store notrap aligned region2 v1, v9
;;= @0067                               jump block1
;;=
;;=                                 block1:
;;= @0067                               return
;;= }
;;=
;;= ;; function 3 (size)
;;= function u0:3() -> i64 tail {
;;=
;;=                                 block0:
;;= @006a                               v1 = iconst.i64 4
;;= @006d                               jump block1(v1)  ; v1 = 4
;;=
;;=                                 block1(v0: i64):
;;= @006d                               return v0
;;= }
;;=
