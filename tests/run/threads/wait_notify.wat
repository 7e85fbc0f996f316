;; Waits of both widths at one address, counted notifications, timeouts, and a ping-pong of both.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (func $check (param i32) (if (i32.eqz (local.get 0)) (then (unreachable))))
  (func $now (result i64)
    (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 512)))
    (i64.load (i32.const 512)))

  ;; Arguments: 0 waits for 32 bits at 64, 1 for 64 bits there; 2 is the other side of the ping-pong.
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (local $n i32)
    (block $pong
      (br_if $pong (i32.eq (local.get $argument) (i32.const 2)))
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (call $check (i32.eqz
        (if (result i32) (local.get $argument)
          (then (memory.atomic.wait64 (i32.const 64) (i64.const 9) (i64.const 60_000_000_000)))
          (else (memory.atomic.wait32 (i32.const 64) (i32.const 9) (i64.const -1))))))
      (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
      (return))
    (loop $more
      ;; Waits for an odd number, makes it even.
      (drop (memory.atomic.wait64 (i32.const 128) (i64.extend_i32_u (local.get $n)) (i64.const -1)))
      (br_if $more (i64.eq (i64.atomic.load (i32.const 128)) (i64.extend_i32_u (local.get $n))))
      (local.set $n (i32.add (local.get $n) (i32.const 2)))
      (i64.atomic.store (i32.const 128) (i64.extend_i32_u (local.get $n)))
      (drop (memory.atomic.notify (i32.const 128) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $n) (i32.const 2000)))))

  ;; Wakes `$count` of those who wait at 64, and sees so many of them.
  (func $wake (param $count i32) (param $total i32)
    (local $woken i32)
    (loop $more
      (local.set $woken (i32.add (local.get $woken)
        (memory.atomic.notify (i32.const 64) (i32.sub (local.get $count) (local.get $woken)))))
      (br_if $more (i32.lt_u (local.get $woken) (local.get $count))))
    (call $check (i32.eq (local.get $woken) (local.get $count)))
    (loop $wait (br_if $wait (i32.lt_u (i32.atomic.load (i32.const 4)) (local.get $total))))
    (call $check (i32.eq (i32.atomic.load (i32.const 4)) (local.get $total))))

  (func (export "_start")
    (local $n i32) (local $then i64)
    ;; Nobody comes.
    (local.set $then (call $now))
    (call $check (i32.eq (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const 30_000_000)) (i32.const 2)))
    (call $check (i64.ge_u (i64.sub (call $now) (local.get $then)) (i64.const 30_000_000)))
    (local.set $then (call $now))
    (call $check (i32.eq (memory.atomic.wait64 (i32.const 64) (i64.const 0) (i64.const 30_000_000)) (i32.const 2)))
    (call $check (i64.ge_u (i64.sub (call $now) (local.get $then)) (i64.const 30_000_000)))
    (call $check (i32.eqz (memory.atomic.notify (i32.const 64) (i32.const -1))))

    (i64.atomic.store (i32.const 64) (i64.const 9))
    (loop $more
      (drop (call $spawn (i32.and (local.get $n) (i32.const 1))))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 8))))
    (loop $wait (br_if $wait (i32.lt_u (i32.atomic.load (i32.const 0)) (i32.const 8))))
    (call $check (i32.eqz (memory.atomic.notify (i32.const 64) (i32.const 0))))
    (call $check (i32.eqz (memory.atomic.notify (i32.const 68) (i32.const 8))))
    (call $wake (i32.const 1) (i32.const 1))
    (call $wake (i32.const 3) (i32.const 4))
    (call $wake (i32.const 4) (i32.const 8))
    (call $check (i32.eqz (memory.atomic.notify (i32.const 64) (i32.const -1))))

    (drop (call $spawn (i32.const 2)))
    (local.set $n (i32.const 0))
    (loop $more
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (i64.atomic.store (i32.const 128) (i64.extend_i32_u (local.get $n)))
      (drop (memory.atomic.notify (i32.const 128) (i32.const 1)))
      (loop $wait
        (drop (memory.atomic.wait32 (i32.const 128) (local.get $n) (i64.const -1)))
        (br_if $wait (i32.eq (i32.atomic.load (i32.const 128)) (local.get $n))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (call $check (i32.eq (i32.atomic.load (i32.const 128)) (local.get $n)))
      (br_if $more (i32.lt_u (local.get $n) (i32.const 2000))))))
