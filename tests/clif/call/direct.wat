;; No hidden context parameter.
(module
  (func $callee (param i32 f64) (result f64 i32) (local.get 1) (local.get 0))
  (func (export "call") (param i32 f64) (result f64 i32) (call $callee (local.get 0) (local.get 1))))

;;= ;; function 1 (call)
;;= function u0:1(i32, f64) -> f64, i32 tail {
;;=     sig0 = (i32, f64) -> f64, i32 tail
;;=     fn0 = colocated u0:0 sig0
;;=
;;=                                 block0(v0: i32, v1: f64):
;;= @0031                               v4, v5 = call fn0(v0, v1)
;;= @0033                               jump block1(v4, v5)
;;=
;;=                                 block1(v2: f64, v3: i32):
;;= @0033                               return v2, v3
;;= }
;;=
