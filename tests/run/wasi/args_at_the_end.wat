;; Arguments that end with the addresses of preview 1 do not go on at address 0.
;;! args: AAAA BBBB
;;! exit: 134
;;! stderr-contains: "out of bounds"
(module
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (memory (export "memory") i64 65537 65537)
  (func (export "_start")
    (drop (call $args_get (i32.const 64) (i32.const -3)))))
