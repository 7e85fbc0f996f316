;; Carries and borrows between the halves, and both products of the extremes.
(module
  (func $same (param i64 i64 i64 i64)
    (if (i64.ne (local.get 0) (local.get 2)) (then (unreachable)))
    (if (i64.ne (local.get 1) (local.get 3)) (then (unreachable))))
  (global $ones (mut i64) (i64.const -1))
  (global $least (mut i64) (i64.const 0x8000000000000000))
  (func (export "_start")
    ;; (2^128 - 1) + 1 = 0
    (call $same
      (i64.add128 (global.get $ones) (global.get $ones) (i64.const 1) (i64.const 0))
      (i64.const 0) (i64.const 0))
    ;; (2^64 - 1) + 1 = 2^64
    (call $same
      (i64.add128 (global.get $ones) (i64.const 0) (i64.const 1) (i64.const 0))
      (i64.const 0) (i64.const 1))
    ;; 2^64 - 1
    (call $same
      (i64.sub128 (i64.const 0) (i64.const 1) (i64.const 1) (i64.const 0))
      (i64.const -1) (i64.const 0))
    ;; 0 - 1 = -1
    (call $same
      (i64.sub128 (i64.const 0) (i64.const 0) (i64.const 1) (i64.const 0))
      (i64.const -1) (i64.const -1))
    ;; (2^64 - 1)^2 = 2^128 - 2^65 + 1
    (call $same
      (i64.mul_wide_u (global.get $ones) (global.get $ones))
      (i64.const 1) (i64.const -2))
    (call $same
      (i64.mul_wide_s (global.get $ones) (global.get $ones))
      (i64.const 1) (i64.const 0))
    ;; (-2^63)^2 = 2^126
    (call $same
      (i64.mul_wide_s (global.get $least) (global.get $least))
      (i64.const 0) (i64.const 0x4000000000000000))
    ;; -2^63 * 1
    (call $same
      (i64.mul_wide_s (global.get $least) (i64.const 1))
      (global.get $least) (i64.const -1))
    (call $same
      (i64.mul_wide_u (global.get $least) (i64.const 2))
      (i64.const 0) (i64.const 1))))
