;;! low-memory: 1
;; A memory that is not in the low slot: its base is another constant, too far for a displacement.
(module
  (memory 1)
  (memory 1)
  (func (export "high") (param i32) (result i32) (i32.load 0 (local.get 0)))
  (func (export "low") (param i32) (result i32) (i32.load 1 (local.get 0))))

;;= ;; function 0 (high)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0033                               v2 = uextend.i64 v0
;;= @0033                               v3 = iconst.i64 0x0100_0000_0000
;;= @0033                               v4 = iadd v3, v2  ; v3 = 0x0100_0000_0000
;;= @0033                               v5 = load.i32 user2 little region0 v4
;;= @0036                               jump block1(v5)
;;=
;;=                                 block1(v1: i32):
;;= @0036                               return v1
;;= }
;;=
;;= ;; function 1 (low)
;;= function u0:1(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @003b                               v2 = uextend.i64 v0
;;= @003b                               v3 = load.i32 user2 little region0 v2+0x0001_0000
;;= @003f                               jump block1(v3)
;;=
;;=                                 block1(v1: i32):
;;= @003f                               return v1
;;= }
;;=
