;;! opt-level: 0
;; The older form, without optimization: rethrown exceptions are copied within their own thread.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (tag $e (param i32))
  (global $count (mut i32) (i32.const 0))
  (func $throw (param $a i32) (throw $e (local.get $a)))
  (func $through (param $a i32)
    try
      local.get $a
      call $throw
    catch_all
      global.get $count
      i32.const 1
      i32.add
      global.set $count
      rethrow 0
    end)
  (func $work (param $own i32)
    (local $n i32)
    (loop $more
      try (result i32)
        (call $through (i32.add (local.get $own) (local.get $n)))
        (i32.const -1)
      catch $e
      end
      (if (i32.ne (i32.add (local.get $own) (local.get $n))) (then (unreachable)))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10000))))
    (if (i32.ne (global.get $count) (i32.const 10000)) (then (unreachable))))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (call $work (i32.mul (local.get $id) (i32.const 0x100000)))
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
  (func (export "_start")
    (drop (call $spawn (i32.const 0)))
    (drop (call $spawn (i32.const 0)))
    (call $work (i32.const 0))
    (loop $wait (br_if $wait (i32.ne (i32.atomic.load (i32.const 0)) (i32.const 2))))))
