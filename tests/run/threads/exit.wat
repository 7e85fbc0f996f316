;;! exit: 7
;; `proc_exit` in a thread ends the process, whatever the others do.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1 1 shared)
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (if (i32.eq (local.get $argument) (i32.const 3)) (then (call $exit (i32.const 7))))
    (loop $forever (br $forever)))
  (func (export "_start")
    (drop (call $spawn (i32.const 1)))
    (drop (call $spawn (i32.const 2)))
    (drop (call $spawn (i32.const 3)))
    (drop (memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const -1)))))
