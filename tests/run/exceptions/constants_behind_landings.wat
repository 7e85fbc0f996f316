;; What is behind the code of a function stays what it is. The last block, where the second handler only jumped, has nothing left. The
;; first constant's bytes are an addition that has a shorter form, the second's an access to what is 2 GiB away.
;;! invoke: run
;;! args: 0
;;! stdout: "-4575216795856629616\n-4340410373568987135\n"
(module
  (tag $e (param i64))
  (global $global (mut i64) (i64.const 0))
  (func $throws (param i32)
    (if (i32.eq (local.get 0) (i32.const 99)) (then (throw $e (i64.const 3))))
    (global.set $global (i64.extend_i32_u (local.get 0))))
  (func (export "run") (param i32) (result i64 i64) (local $v v128)
    (global.set $global (block $c (result i64)
      (try_table (catch $e $c) (call $throws (local.get 0)))
      (i64.const 5)))
    (block $d (try_table (catch_all $d) (call $throws (local.get 0))))
    (drop (call $far (local.get 0)))
    (local.set $v (i8x16.add
      (i8x16.splat (local.get 0))
      (v128.const i8x16 0x90 0x90 0x90 0x90 0x90 0x90 0x81 0xc0 1 0 0 0 0xc3 0xc3 0xc3 0xc3)))
    (i64x2.extract_lane 0 (local.get $v))
    (i64x2.extract_lane 1 (local.get $v)))
  (func $far (param i32) (result i64) (local $v v128)
    (global.set $global (block $c (result i64)
      (try_table (catch $e $c) (call $throws (local.get 0)))
      (i64.const 5)))
    (block $d (try_table (catch_all $d) (call $throws (local.get 0))))
    (local.set $v (i8x16.add
      (i8x16.splat (local.get 0))
      (v128.const i8x16 0x90 0x90 0x90 0x90 0x90 0x90 0x8b 0x05 0xff 0xff 0xff 0x7f 0xc3 0xc3 0xc3 0xc3)))
    (i64x2.extract_lane 0 (local.get $v))))
