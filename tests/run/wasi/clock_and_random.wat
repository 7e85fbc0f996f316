;; The monotonic clock does not go back, and random bytes are not all zero.
(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (if (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 0)) (then unreachable))
    (if (call $sched_yield) (then unreachable))
    (if (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 8)) (then unreachable))
    (if (i64.lt_u (i64.load (i32.const 8)) (i64.load (i32.const 0))) (then unreachable))
    ;; Today is after 2020.
    (if (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 0)) (then unreachable))
    (if (i64.lt_u (i64.load (i32.const 0)) (i64.const 1577836800000000000)) (then unreachable))
    (if (call $random_get (i32.const 16) (i32.const 16)) (then unreachable))
    (if (i64.eqz (i64.or (i64.load (i32.const 16)) (i64.load (i32.const 24)))) (then unreachable))))
