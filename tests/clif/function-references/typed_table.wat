;; A table of one type needs no check of it, and one that cannot hold null none of that.
(module
  (type $t (func (result i32)))
  (table $nullable 3 (ref null $t))
  (table $full 3 (ref $t) (ref.func $f))
  (elem declare func $f)
  (func $f (export "f") (type $t) (i32.const 1))
  (func (export "set") (param i32)
    (table.set $nullable (local.get 0) (ref.func $f))
    (table.set $full (local.get 0) (ref.func $f)))
  (func (export "nullable") (param i32) (result i32) (call_indirect $nullable (type $t) (local.get 0)))
  (func (export "full") (param i32) (result i32) (call_indirect $full (type $t) (local.get 0))))

;;= ;; function 0 (f)
;;= function u0:0() -> i32 tail {
;;=
;;=                                 block0:
;;= @005a                               v1 = iconst.i32 1
;;= @005c                               jump block1(v1)  ; v1 = 1
;;=
;;=                                 block1(v0: i32):
;;= @005c                               return v0
;;= }
;;=
;;= ;; function 1 (set)
;;= function u0:1(i32) tail {
;;=     sig0 = () -> i32 tail
;;=     fn0 = colocated u0:0 sig0
;;=
;;=                                 block0(v0: i32):
;;= @0061                               v1 = func_addr.i64 fn0
;;= @0063                               v2 = uextend.i64 v0
;;= @0063                               v3 = iconst.i64 3
;;= @0063                               v4 = icmp uge v2, v3  ; v3 = 3
;;= @0063                               trapnz v4, user3
;;= @0063                               v5 = symbol_value.i64 gv2
;;= @0063                               v6 = iconst.i64 0
;;= @0063                               v7 = iadd v5, v6  ; v6 = 0
;;= @0063                               v8 = iconst.i64 3
;;= @0063                               v9 = ishl v2, v8  ; v8 = 3
;;= @0063                               v10 = iadd v7, v9
;;= @0063                               store notrap aligned region2 v1, v10
;;= @0067                               v11 = func_addr.i64 fn0
;;= @0069                               v12 = uextend.i64 v0
;;= @0069                               v13 = iconst.i64 3
;;= @0069                               v14 = icmp uge v12, v13  ; v13 = 3
;;= @0069                               trapnz v14, user3
;;= @0069                               v15 = symbol_value.i64 gv1
;;= @0069                               v16 = iconst.i64 0
;;= @0069                               v17 = iadd v15, v16  ; v16 = 0
;;= @0069                               v18 = iconst.i64 3
;;= @0069                               v19 = ishl v12, v18  ; v18 = 3
;;= @0069                               v20 = iadd v17, v19
;;= @0069                               store notrap aligned region2 v11, v20
;;= @006b                               jump block1
;;=
;;=                                 block1:
;;= @006b                               return
;;= }
;;=
;;= ;; function 2 (nullable)
;;= function u0:2(i32) -> i32 tail {
;;=     sig0 = () -> i32 tail
;;=
;;=                                 block0(v0: i32):
;;= @0070                               v2 = uextend.i64 v0
;;= @0070                               v3 = iconst.i64 3
;;= @0070                               v4 = icmp uge v2, v3  ; v3 = 3
;;= @0070                               trapnz v4, user4
;;= @0070                               v5 = symbol_value.i64 gv2
;;= @0070                               v6 = iconst.i64 0
;;= @0070                               v7 = iadd v5, v6  ; v6 = 0
;;= @0070                               v8 = iconst.i64 3
;;= @0070                               v9 = ishl v2, v8  ; v8 = 3
;;= @0070                               v10 = iadd v7, v9
;;= @0070                               v11 = load.i64 notrap aligned region2 v10
;;= @0070                               trapz v11, user5
;;= @0070                               v12 = call_indirect sig0, v11()
;;= @0073                               jump block1(v12)
;;=
;;=                                 block1(v1: i32):
;;= @0073                               return v1
;;= }
;;=
;;= ;; function 3 (full)
;;= function u0:3(i32) -> i32 tail {
;;=     sig0 = () -> i32 tail
;;=
;;=                                 block0(v0: i32):
;;= @0078                               v2 = uextend.i64 v0
;;= @0078                               v3 = iconst.i64 3
;;= @0078                               v4 = icmp uge v2, v3  ; v3 = 3
;;= @0078                               trapnz v4, user4
;;= @0078                               v5 = symbol_value.i64 gv1
;;= @0078                               v6 = iconst.i64 0
;;= @0078                               v7 = iadd v5, v6  ; v6 = 0
;;= @0078                               v8 = iconst.i64 3
;;= @0078                               v9 = ishl v2, v8  ; v8 = 3
;;= @0078                               v10 = iadd v7, v9
;;= @0078                               v11 = load.i64 notrap aligned region2 v10
;;= @0078                               v12 = call_indirect sig0, v11()
;;= @007b                               jump block1(v12)
;;=
;;=                                 block1(v1: i32):
;;= @007b                               return v1
;;= }
;;=
