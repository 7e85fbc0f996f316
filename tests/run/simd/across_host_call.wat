;; Vectors survive a host call, which uses the same registers.
;;! stdout: "hi"
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (func $same (param v128 v128)
    (if (i32.eqz (i8x16.all_true (i8x16.eq (local.get 0) (local.get 1)))) (then (unreachable))))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\01\00\00\00")
  (data (i32.const 16) "hi")
  (func $hi (result i32)
    (i32.store (i32.const 4) (i32.const 2))
    (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func (export "_start")
    (local $a v128) (local $b v128)
    (local.set $a (i32x4.add (v128.load (i32.const 0)) (v128.const i32x4 1 2 3 4)))
    (local.set $b (f32x4.convert_i32x4_u (local.get $a)))
    (if (call $hi) (then (unreachable)))
    (call $same (local.get $a) (v128.const i32x4 17 3 3 4))
    (call $same (local.get $b) (v128.const f32x4 17 3 3 4))))
