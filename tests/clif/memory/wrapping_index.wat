;; The addition of an index wraps at 32 bits, so it is done before the extension and not part of the address.
(module
  (memory 1)
  (func (export "add") (param i32) (result i32) (i32.load (i32.add (local.get 0) (i32.const 8)))))

;;= ;; function 0 (add)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0029                               v2 = iconst.i32 8
;;= @002b                               v3 = iadd v0, v2  ; v2 = 8
;;= @002c                               v4 = uextend.i64 v3
;;= @002c                               v5 = load.i32 user2 little region0 v4+0x0001_0000
;;= @002f                               jump block1(v5)
;;=
;;=                                 block1(v1: i32):
;;= @002f                               return v1
;;= }
;;=
