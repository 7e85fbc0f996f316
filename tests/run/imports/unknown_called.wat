;; A call of an import that nothing provides traps with its name, whatever its type; what comes before it happened.
;;! unknown-imports: trap
;;! exit: 134
;;! stdout: "before\n"
;;! stderr-contains: "test: error: wasm trap: unknown import called: env.fünction of the host\n"
;;! stderr-contains: "0: caller"
;;! stderr-contains: "1: _start"
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "env" "f\u{fc}nction of the host" (func $unknown (param i32 f64 i64 f32 v128 i32 i32 i32 i32) (result i64 f32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "before\n")
  (data (i32.const 0) "\10\00\00\00\07\00\00\00")
  (func $caller (result i64 f32)
    (call $unknown (i32.const 1) (f64.const 2) (i64.const 3) (f32.const 4) (v128.const i64x2 5 6) (i32.const 7)
      (i32.const 8) (i32.const 9) (i32.const 10)))
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $caller) (drop) (drop)))
