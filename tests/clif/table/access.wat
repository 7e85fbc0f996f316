;; A table of fixed size has a constant length and address; one that can grow has a record.
(module
  (table $fixed 4 4 externref)
  (table $growing 4 externref)
  (func (export "get") (param i32) (result externref) (table.get $fixed (local.get 0)))
  (func (export "set") (param i32 externref) (table.set $fixed (local.get 0) (local.get 1)))
  (func (export "get-growing") (param i32) (result externref) (table.get $growing (local.get 0)))
  (func (export "grow") (param externref) (result i32) (table.grow $growing (local.get 0) (i32.const 1))))

;;= ;; function 0 (get)
;;= function u0:0(i32) -> i64 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0056                               v2 = uextend.i64 v0
;;= @0056                               v3 = iconst.i64 4
;;= @0056                               v4 = icmp uge v2, v3  ; v3 = 4
;;= @0056                               trapnz v4, user3
;;= @0056                               v5 = symbol_value.i64 gv2
;;= @0056                               v6 = iconst.i64 32
;;= @0056                               v7 = iadd v5, v6  ; v6 = 32
;;= @0056                               v8 = iconst.i64 3
;;= @0056                               v9 = ishl v2, v8  ; v8 = 3
;;= @0056                               v10 = iadd v7, v9
;;= @0056                               v11 = load.i64 notrap aligned region2 v10
;;= @0058                               jump block1(v11)
;;=
;;=                                 block1(v1: i64):
;;= @0058                               return v1
;;= }
;;=
;;= ;; function 1 (set)
;;= function u0:1(i32, i64) tail {
;;=
;;=                                 block0(v0: i32, v1: i64):
;;= @005f                               v2 = uextend.i64 v0
;;= @005f                               v3 = iconst.i64 4
;;= @005f                               v4 = icmp uge v2, v3  ; v3 = 4
;;= @005f                               trapnz v4, user3
;;= @005f                               v5 = symbol_value.i64 gv2
;;= @005f                               v6 = iconst.i64 32
;;= @005f                               v7 = iadd v5, v6  ; v6 = 32
;;= @005f                               v8 = iconst.i64 3
;;= @005f                               v9 = ishl v2, v8  ; v8 = 3
;;= @005f                               v10 = iadd v7, v9
;;= @005f                               store notrap aligned region2 v1, v10
;;= @0061                               jump block1
;;=
;;=                                 block1:
;;= @0061                               return
;;= }
;;=
;;= ;; function 2 (get-growing)
;;= function u0:2(i32) -> i64 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0066                               v2 = uextend.i64 v0
;;= @0066                               v3 = symbol_value.i64 gv1
;;= @0066                               v4 = load.i64 notrap aligned region1 v3+8
;;= @0066                               v5 = icmp uge v2, v4
;;= @0066                               trapnz v5, user3
;;= @0066                               v6 = symbol_value.i64 gv1
;;= @0066                               v7 = load.i64 notrap aligned region1 v6
;;= @0066                               v8 = iconst.i64 3
;;= @0066                               v9 = ishl v2, v8  ; v8 = 3
;;= @0066                               v10 = iadd v7, v9
;;= @0066                               v11 = load.i64 notrap aligned region2 v10
;;= @0068                               jump block1(v11)
;;=
;;=                                 block1(v1: i64):
;;= @0068                               return v1
;;= }
;;=
;;= ;; function 3 (grow)
;;= function u0:3(i64) -> i32 tail {
;;=     sig0 = (i64, i64, i64) -> i64 system_v
;;=     fn0 = colocated u3:3 sig0
;;=
;;=                                 block0(v0: i64):
;;= @006d                               v2 = iconst.i32 1
;;= @006f                               v3 = uextend.i64 v2  ; v2 = 1
;;= @006f                               v4 = symbol_value.i64 gv1
;;= @006f                               v5 = iconst.i64 0
;;= @006f                               v6 = iadd v4, v5  ; v5 = 0
;;= @006f                               v7 = call fn0(v6, v3, v0)
;;= @006f                               v8 = ireduce.i32 v7
;;= @0072                               jump block1(v8)
;;=
;;=                                 block1(v1: i32):
;;= @0072                               return v1
;;= }
;;=
