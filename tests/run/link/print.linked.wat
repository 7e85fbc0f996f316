;; Prints a digit or any other character; the memory that WASI acts on is its own.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\01\00\00\00")
  (func $character (export "character") (param i32)
    (i32.store8 (i32.const 16) (local.get 0))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
      (then unreachable)))
  (func (export "digit") (param i32)
    (call $character (i32.add (local.get 0) (i32.const 48)))))
