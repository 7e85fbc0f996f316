;;! exit: 134
;;! stderr-contains: "pointer out of bounds"
;;! stderr-contains: "write_far"
;; A host function that is handed a range outside of memory traps, as the guest's own access would.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\f0\ff\00\00\11\00\00\00")
  (func $write_far (result i32)
    (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
  (func (export "_start") (drop (call $write_far))))
