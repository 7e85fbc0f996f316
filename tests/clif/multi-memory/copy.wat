;; Each memory has its own constant base; a copy compares with both sizes.
(module
  (memory $a 1)
  (memory $b 1)
  (func (export "accesses") (param i32) (result i32)
    (i32.store $b offset=4 (local.get 0) (i32.load $a (local.get 0)))
    (i32.load8_u $b (local.get 0)))
  (func (export "copy") (param i32 i32 i32) (memory.copy $b $a (local.get 0) (local.get 1) (local.get 2)))
  (func (export "grow") (param i32) (result i32) (memory.grow $b (local.get 0))))

;;= ;; function 0 (accesses)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0048                               v2 = uextend.i64 v0
;;= @0048                               v3 = load.i32 user2 little region0 v2+0x0001_0000
;;= @004b                               v4 = uextend.i64 v0
;;= @004b                               v5 = iconst.i64 0x0100_0000_0000
;;= @004b                               v6 = iadd v5, v4  ; v5 = 0x0100_0000_0000
;;= @004b                               store user2 little region0 v3, v6+4
;;= @0051                               v7 = uextend.i64 v0
;;= @0051                               v8 = iconst.i64 0x0100_0000_0000
;;= @0051                               v9 = iadd v8, v7  ; v8 = 0x0100_0000_0000
;;= @0051                               v10 = uload8.i32 user2 little region0 v9
;;= @0055                               jump block1(v10)
;;=
;;=                                 block1(v1: i32):
;;= @0055                               return v1
;;= }
;;=
;;= ;; function 1 (copy)
;;= function u0:1(i32, i32, i32) tail {
;;=     sig0 = (i64, i64, i64) system_v
;;=     fn0 = colocated u3:1 sig0
;;=
;;=                                 block0(v0: i32, v1: i32, v2: i32):
;;= @005e                               v3 = uextend.i64 v0
;;= @005e                               v4 = uextend.i64 v1
;;= @005e                               v5 = uextend.i64 v2
;;= @005e                               v6 = symbol_value.i64 gv1
;;= @005e                               v7 = load.i64 notrap aligned region1 v6+40
;;= @005e                               v8 = iadd v3, v5
;;= @005e                               v9 = icmp ugt v8, v7
;;= @005e                               trapnz v9, user2
;;= @005e                               v10 = iconst.i64 0x0100_0000_0000
;;= @005e                               v11 = iadd v3, v10  ; v10 = 0x0100_0000_0000
;;= @005e                               v12 = symbol_value.i64 gv1
;;= @005e                               v13 = load.i64 notrap aligned region1 v12+8
;;= @005e                               v14 = iadd v4, v5
;;= @005e                               v15 = icmp ugt v14, v13
;;= @005e                               trapnz v15, user66
;;= @005e                               v16 = iconst.i64 0x0001_0000
;;= @005e                               v17 = iadd v4, v16  ; v16 = 0x0001_0000
;;= @005e                               call fn0(v11, v17, v5)
;;= @0062                               jump block1
;;=
;;=                                 block1:
;;= @0062                               return
;;= }
;;=
;;= ;; function 2 (grow)
;;= function u0:2(i32) -> i32 tail {
;;=     sig0 = (i64, i64) -> i64 system_v
;;=     fn0 = colocated u3:0 sig0
;;=
;;=                                 block0(v0: i32):
;;= @0067                               v2 = uextend.i64 v0
;;= @0067                               v3 = symbol_value.i64 gv1
;;= @0067                               v4 = iconst.i64 32
;;= @0067                               v5 = iadd v3, v4  ; v4 = 32
;;= @0067                               v6 = call fn0(v5, v2)
;;= @0067                               v7 = ireduce.i32 v6
;;= @0069                               jump block1(v7)
;;=
;;=                                 block1(v1: i32):
;;= @0069                               return v1
;;= }
;;=
