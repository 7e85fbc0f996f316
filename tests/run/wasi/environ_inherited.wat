;;! inherit-env: yes
;;! env: A=1 NATIVIZE_X=knob B=2
;;! stdout: "A=1\0B=2\0"
;; The whole environment but for the knobs of the runtime.
(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (if (call $environ_sizes_get (i32.const 0) (i32.const 12)) (then unreachable))
    (if (call $environ_get (i32.const 64) (i32.const 1024)) (then unreachable))
    (i32.store (i32.const 8) (i32.const 1024))
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))))
