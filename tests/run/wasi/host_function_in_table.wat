;;! stdout: "through a table\n"
;; An imported function as an element, an export and an argument of call_indirect.
(module
  (type $write (func (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (type $write)))
  (memory (export "memory") 1)
  (table 2 funcref)
  (elem (i32.const 1) $fd_write)
  (export "write" (func $fd_write))
  (data (i32.const 0) "\08\00\00\00\10\00\00\00through a table\n")
  (func (export "_start")
    (if (call_indirect (type $write) (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32) (i32.const 1))
      (then unreachable))))
