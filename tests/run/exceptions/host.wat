;;! exit: 3
;;! stdout: "caught\n"
;; Host functions run inside a block that catches, before and after an exception, and a backtrace would begin anew.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\07\00\00\00caught\n")
  (tag $e)
  (func $fail (throw $e))
  (func (export "_start")
    (block $out
      (try_table (catch_all $out)
        (block $caught
          (try_table (catch $e $caught) (call $fail))
          (unreachable))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))
        (call $fail))
      (unreachable))
    (call $proc_exit (i32.const 3))))
