;;! exit: 134
;;! stderr-contains: "missing required memory export"
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (memory 1)
  (func (export "_start") (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))))
