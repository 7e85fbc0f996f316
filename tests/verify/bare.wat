;; What sabotage/runtime.rs damages: a program without variables of its own, which passes parameters of the runtime on the stack.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (func $opens (param i32) (result i32)
    (call $open
      (local.get 0) (i32.const 0) (local.get 0) (i32.const 0) (i32.const 0)
      (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))
  (func (export "_start")
    (drop (call $yield))
    (drop (call $opens (i32.const 3)))))
