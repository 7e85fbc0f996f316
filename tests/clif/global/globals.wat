;; An immutable global is a constant, a mutable one is memory at a known address.
(module
  (global $constant i32 (i32.const 42))
  (global $variable (mut i64) (i64.const 7))
  (func (export "get-constant") (result i32) (global.get $constant))
  (func (export "get") (result i64) (global.get $variable))
  (func (export "set") (param i64) (global.set $variable (local.get 0))))

;;= ;; function 0 (get-constant)
;;= function u0:0() -> i32 tail {
;;=
;;=                                 block0:
;;= @004d                               v1 = iconst.i32 42
;;= @004f                               jump block1(v1)  ; v1 = 42
;;=
;;=                                 block1(v0: i32):
;;= @004f                               return v0
;;= }
;;=
;;= ;; function 1 (get)
;;= function u0:1() -> i64 tail {
;;=
;;=                                 block0:
;;= @0052                               v1 = symbol_value.i64 gv1
;;= @0052                               v2 = load.i64 notrap aligned region1 v1
;;= @0054                               jump block1(v2)
;;=
;;=                                 block1(v0: i64):
;;= @0054                               return v0
;;= }
;;=
;;= ;; function 2 (set)
;;= function u0:2(i64) tail {
;;=
;;=                                 block0(v0: i64):
;;= @0059                               v1 = symbol_value.i64 gv1
;;= @0059                               store notrap aligned region1 v0, v1
;;= @005b                               jump block1
;;=
;;=                                 block1:
;;= @005b                               return
;;= }
;;=
