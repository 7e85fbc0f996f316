;;! exit: 134
;;! stderr-contains: "wasm trap: uncaught exception (oops)"
;;! stderr-contains: "0: wasi_thread_start (wasm function 1)"
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (tag $oops)
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32) (throw $oops))
  (func (export "_start")
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
