;;! invoke: sum
;;! args: 40 2
;;! opt-level: 0
;;! stdout: "42\n"
;; Threads of a function that is called by name, without optimization.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (global $own (mut i32) (i32.const 1))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (global.set $own (i32.const 99))
    (drop (i32.atomic.rmw.add (i32.const 0) (local.get $argument)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
  (func (export "sum") (param i32 i32) (result i32)
    (if (i32.lt_s (call $spawn (local.get 0)) (i32.const 1)) (then (unreachable)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
    (i32.mul (global.get $own) (i32.add (i32.atomic.load (i32.const 0)) (local.get 1)))))
