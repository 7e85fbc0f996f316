;; What is behind the code of a function stays what it is. The last block has nothing left: it only jumped, behind another jump, since it
;; was put where it is rarely needed. The constant's bytes are an addition that has a shorter form.
;;! invoke: run
;;! args: 0
;;! stdout: "-4575216795856629616\n-4340410373568987135\n"
(module
  (global $global (mut i64) (i64.const 0))
  (memory 1)
  (func (export "run") (param i32) (result i64 i64) (local $v v128) (local $x i64) (local $y i64)
    (block $a
      (local.set $x (i64.const 77))
      (local.set $y (i64.load (i32.const 8)))
      (@metadata.code.branch_hint "\00")
      (br_if $a (i32.eq (local.get 0) (i32.const 9)))
      (local.set $x (i64.load (i32.const 0)))
      (local.set $y (i64.const 3)))
    (global.set $global (i64.add (local.get $x) (local.get $y)))
    (block $d
      (@metadata.code.branch_hint "\00")
      (br_if $d (i32.eq (local.get 0) (i32.const 10)))
      (global.set $global (i64.const 4))
      (i64.store (i32.const 16) (local.get $x)))
    (local.set $v (i8x16.add
      (i8x16.splat (local.get 0))
      (v128.const i8x16 0x90 0x90 0x90 0x90 0x90 0x90 0x81 0xc0 1 0 0 0 0xc3 0xc3 0xc3 0xc3)))
    (i64x2.extract_lane 0 (local.get $v))
    (i64x2.extract_lane 1 (local.get $v))))
