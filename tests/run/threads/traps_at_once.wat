;;! exit: 134
;;! stderr-contains: "wasm trap: unreachable"
;;! stderr-contains: "0: wasi_thread_start (wasm function 1)"
;;! stderr-lacks: "1:"
;; Many threads trap at the same time: one of them reports.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
    (loop $wait (br_if $wait (i32.lt_u (i32.atomic.load (i32.const 0)) (i32.const 8))))
    (unreachable))
  (func (export "_start")
    (local $n i32)
    (loop $more
      (drop (call $spawn (i32.const 0)))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 8))))
    (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))))
