;; The process ends with `_start`, whatever the threads do.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
    (i32.atomic.store (i32.const 0) (i32.const 1))
    (loop $forever (br $forever)))
  (func (export "_start")
    (if (i32.le_s (call $spawn (i32.const 1)) (i32.const 0)) (then (unreachable)))
    (loop $wait (br_if $wait (i32.eqz (i32.atomic.load (i32.const 0)))))))
