;; An import that nothing provides has a reference like any function.
;;! unknown-imports: trap
;;! exit: 134
;;! stderr-contains: "wasm trap: unknown import called: wasi_snapshot_preview1.fd_teleport\n"
(module
  (type $nothing (func))
  (import "wasi_snapshot_preview1" "fd_teleport" (func $teleport (type $nothing)))
  (table 1 funcref)
  (elem (i32.const 0) $teleport)
  (func (export "_start") (call_indirect (type $nothing) (i32.const 0))))
