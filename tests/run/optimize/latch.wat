;; Counters that are compared with a constant before they are counted on, also where counting or the constant wraps.
;;! invoke: run
;;! stdout: "10\n4\n3\n256\n2\n"
(module
  (func $up (result i32) (local $i i32) (local $n i32)
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again
        (i32.ne
          (block (result i32)
            (local.get $i)
            (local.set $i (i32.add (local.get $i) (i32.const 1))))
          (i32.const 9))))
    (local.get $n))
  ;; From 2^31 - 1 over the sign to -2^31 + 2.
  (func $over_sign (result i32) (local $i i32) (local $n i32)
    (local.set $i (i32.const 0x7fffffff))
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again
        (i32.ne
          (block (result i32)
            (local.get $i)
            (local.set $i (i32.add (local.get $i) (i32.const 1))))
          (i32.const 0x80000002))))
    (local.get $n))
  ;; 1, 0, -1 as 64 bits.
  (func $down (result i32) (local $i i64) (local $n i32)
    (local.set $i (i64.const 1))
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again
        (i64.ne
          (block (result i64)
            (local.get $i)
            (local.set $i (i64.sub (local.get $i) (i64.const 1))))
          (i64.const -1))))
    (local.get $n))
  ;; The sum of the limit and the step wraps to zero: only equality may be rewritten.
  (func $wraps (result i32) (local $i i32) (local $n i32)
    (local.set $i (i32.const 0xffffff00))
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again
        (i32.ne
          (block (result i32)
            (local.get $i)
            (local.set $i (i32.add (local.get $i) (i32.const 1))))
          (i32.const -1))))
    (local.get $n))
  (func $ordered (result i32) (local $i i32) (local $n i32)
    (local.set $i (i32.const 0x7ffffffe))
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again
        (i32.lt_s
          (block (result i32)
            (local.get $i)
            (local.set $i (i32.add (local.get $i) (i32.const 1))))
          (i32.const 0x7fffffff))))
    (local.get $n))
  (func (export "run") (result i32 i32 i32 i32 i32)
    (call $up) (call $over_sign) (call $down) (call $wraps) (call $ordered)))
