;; What sabotage/written.rs damages: a memory and a table that each thread has of its own.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (memory $own 1 10)
  (table $references 4 100 externref)
  (func (export "wasi_thread_start") (param i32 i32)
    (i32.store $own (i32.const 8) (local.get 0)))
  (func $read (param i32) (result i32)
    (drop (table.grow $references (table.get $references (local.get 0)) (i32.const 1)))
    (i32.load8_u $own (local.get 0)))
  (func (export "_start")
    (drop (call $spawn (i32.const 0)))
    (i32.store (i32.const 4) (call $read (i32.load (i32.const 0))))))
