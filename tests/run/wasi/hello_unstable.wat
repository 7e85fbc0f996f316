;;! stdout: "hello, past\n"
;; The module name before preview 1 was a snapshot, and two buffers in one call.
(module
  (import "wasi_unstable" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\07\00\00\00\20\00\00\00\05\00\00\00hello, ")
  (data (i32.const 32) "past\n")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 64)))))
