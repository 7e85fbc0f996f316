;; Threads grow a shared memory at the same time: every page is somebody's, once, and everybody can use it.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 401 shared)
  (func $work
    (local $page i32) (local $n i32)
    (loop $more
      (local.set $page (memory.grow (i32.const 1)))
      (if (i32.eq (local.get $page) (i32.const -1)) (then (unreachable)))
      ;; Its number in the first word, which nobody else writes, and in the last one.
      (if (i32.atomic.rmw.cmpxchg (i32.shl (local.get $page) (i32.const 16)) (i32.const 0) (local.get $page))
        (then (unreachable)))
      (i32.store offset=65532 (i32.shl (local.get $page) (i32.const 16)) (local.get $page))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100)))))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (call $work)
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
  (func (export "_start")
    (local $n i32)
    (drop (call $spawn (i32.const 0)))
    (drop (call $spawn (i32.const 0)))
    (drop (call $spawn (i32.const 0)))
    (call $work)
    (loop $wait
      (local.set $n (i32.atomic.load (i32.const 0)))
      (if (i32.lt_u (local.get $n) (i32.const 3))
        (then
          (drop (memory.atomic.wait32 (i32.const 0) (local.get $n) (i64.const -1)))
          (br $wait))))
    (if (i32.ne (memory.size) (i32.const 401)) (then (unreachable)))
    (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))
    (local.set $n (i32.const 1))
    (loop $more
      (if (i32.ne (i32.load (i32.shl (local.get $n) (i32.const 16))) (local.get $n)) (then (unreachable)))
      (if (i32.ne (i32.load offset=65532 (i32.shl (local.get $n) (i32.const 16))) (local.get $n))
        (then (unreachable)))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 401))))))
