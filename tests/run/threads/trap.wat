;;! exit: 134
;;! stderr-contains: "error: wasm trap: integer divide by zero"
;;! stderr-contains: "0: divide (wasm function 1)"
;;! stderr-contains: "1: wasi_thread_start (wasm function 2)"
;;! stderr-lacks: "function 3"
;; A trap in a thread ends the process with that thread's backtrace.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (func $divide (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (drop (call $divide (local.get $argument))))
  (func $start (export "_start")
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
