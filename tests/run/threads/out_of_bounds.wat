;;! exit: 134
;;! stderr-contains: "wasm trap: out of bounds memory access"
;;! stderr-contains: "0: touch (wasm function 1) at offset"
;; The bounds of a thread's own memory, which is not where the main thread's is.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory $shared (export "memory") 1 1 shared)
  (memory $own 1 2)
  (func $touch (param i32) (i32.store $own offset=3 (local.get 0) (i32.const 1)))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (call $touch (i32.const 65529))
    (if (i32.ne (memory.grow $own (i32.const 1)) (i32.const 1)) (then (unreachable)))
    (call $touch (i32.const 131065))
    (call $touch (i32.const 131066)))
  (func (export "_start")
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
