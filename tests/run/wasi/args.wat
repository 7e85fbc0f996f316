;;! args: one "two words" "" --help
;;! stdout: "one\0two words\0\0--help\0"
;; The arguments after the program's own name, each with its terminator.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (if (call $args_sizes_get (i32.const 0) (i32.const 4)) (then unreachable))
    (if (i32.ne (i32.load (i32.const 0)) (i32.const 5)) (then unreachable))
    (if (call $args_get (i32.const 64) (i32.const 1024)) (then unreachable))
    ;; From the second argument to the end of the buffer.
    (i32.store (i32.const 8) (i32.load (i32.const 68)))
    (i32.store (i32.const 12)
      (i32.sub (i32.add (i32.const 1024) (i32.load (i32.const 4))) (i32.load (i32.const 68))))
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))))
