;; Thousands of threads in sequence: what a thread had is free again when it has ended. Each has a memory of its own, of
;; which there could not be that many at once.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory $shared (export "memory") 1 1 shared)
  (memory $own 1 2)
  (table $t 1 1000 funcref)
  (global $last (mut i32) (i32.const 0))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (if (i32.load $own (i32.const 65532)) (then (unreachable)))
    (i32.store $own (i32.const 65532) (i32.const 1))
    (drop (memory.grow $own (i32.const 1)))
    (drop (table.grow $t (ref.null func) (i32.const 999)))
    (i32.atomic.store $shared (i32.const 0) (local.get $argument))
    (drop (memory.atomic.notify $shared (i32.const 0) (i32.const 1))))
  (func (export "_start")
    (local $n i32) (local $id i32)
    (loop $more
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (loop $busy
        (local.set $id (call $spawn (local.get $n)))
        ;; The one before may still be ending.
        (if (i32.lt_s (local.get $id) (i32.const 0)) (then (drop (call $yield)) (br $busy))))
      (if (i32.le_u (local.get $id) (global.get $last)) (then (unreachable)))
      (global.set $last (local.get $id))
      (loop $wait
        (drop (memory.atomic.wait32 $shared (i32.const 0) (i32.sub (local.get $n) (i32.const 1)) (i64.const -1)))
        (br_if $wait (i32.ne (i32.atomic.load $shared (i32.const 0)) (local.get $n))))
      (br_if $more (i32.lt_u (local.get $n) (i32.const 7000))))))
