;;! error: "exports no function \"wasi_thread_start\" of type (i32, i32) -> ()"
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (func (export "wasi_thread_start") (param i32) (param i64))
  (func (export "_start") (drop (call $spawn (i32.const 1)))))
