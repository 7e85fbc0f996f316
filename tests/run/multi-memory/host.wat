;;! stdout: "second"
;; A host function acts on the memory that is exported as `memory`, whichever index it has.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory $first 1)
  (memory $second (export "memory") 1)
  (data (memory $first) (i32.const 0) "\08\00\00\00\05\00\00\00first")
  (data (memory $second) (i32.const 0) "\08\00\00\00\06\00\00\00second")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))
    (if (i32.load $first (i32.const 100)) (then (unreachable)))
    (if (i32.ne (i32.load $second (i32.const 100)) (i32.const 6)) (then (unreachable)))))
