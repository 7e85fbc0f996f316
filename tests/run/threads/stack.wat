;;! exit: 134
;;! stack: 131072
;;! stderr-contains: "wasm trap: call stack exhausted"
;;! stderr-contains: "0: deep (wasm function 1)"
;; A thread has a guarded stack of its own, of the same size.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (func $deep (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0))))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (if (i32.ne (call $deep (i32.const 1000)) (i32.const 1000)) (then (unreachable)))
    (i32.atomic.store (i32.const 0) (i32.const 1))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
    (drop (call $deep (i32.sub (local.get $argument) (i32.const 1)))))
  (func (export "_start")
    (drop (call $deep (i32.const 1000)))
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const -1)))))
