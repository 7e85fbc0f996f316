;; Both kinds of truncation are single instructions here; the traps come from their lowering.
(module
  (func (export "trapping") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "saturating") (param f32) (result i64) (i64.trunc_sat_f32_u (local.get 0))))

;;= ;; function 0 (trapping)
;;= function u0:0(f64) -> i32 tail {
;;=
;;=                                 block0(v0: f64):
;;= @003c                               v2 = fcvt_to_sint.i32 v0
;;= @003d                               jump block1(v2)
;;=
;;=                                 block1(v1: i32):
;;= @003d                               return v1
;;= }
;;=
;;= ;; function 1 (saturating)
;;= function u0:1(f32) -> i64 tail {
;;=
;;=                                 block0(v0: f32):
;;= @0042                               v2 = fcvt_to_uint_sat.i64 v0
;;= @0044                               jump block1(v2)
;;=
;;=                                 block1(v1: i64):
;;= @0044                               return v1
;;= }
;;=
