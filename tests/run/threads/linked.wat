;;! link: counter counter.linked.wat
;;! stderr-contains: "0: counter!fail"
;;! exit: 134
;; Linked modules are each thread's own too, made ready by their `_initialize`; a memory that is shared between them stays
;; one.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "counter" "next" (func $next (result i32)))
  (import "counter" "fail" (func $fail))
  (import "counter" "count" (global $count (mut i32)))
  (memory (import "counter" "memory") 1 1 shared)
  (func $check (param i32) (if (i32.eqz (local.get 0)) (then (unreachable))))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (call $check (i32.eq (global.get $count) (i32.const 100)))
    (call $check (i32.eq (call $next) (i32.const 101)))
    (call $check (i32.eq (call $next) (i32.const 102)))
    (i32.atomic.store (i32.const 0) (local.get $argument))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
  (func $run (param $argument i32)
    (drop (call $spawn (local.get $argument)))
    (loop $wait
      (drop (memory.atomic.wait32 (i32.const 0) (i32.sub (local.get $argument) (i32.const 1)) (i64.const -1)))
      (br_if $wait (i32.ne (i32.atomic.load (i32.const 0)) (local.get $argument)))))
  (func (export "_start")
    (call $check (i32.eq (call $next) (i32.const 101)))
    (call $run (i32.const 1))
    (call $check (i32.eq (call $next) (i32.const 102)))
    (call $run (i32.const 2))
    (call $check (i32.eq (call $next) (i32.const 103)))
    (call $check (i32.eq (i32.load (i32.const 1024)) (i32.const 3)))
    (call $fail)))
