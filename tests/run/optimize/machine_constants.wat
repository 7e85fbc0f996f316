;; Operations with constants that just fit into a byte, and that just do not: each gives what it gives when the constant comes
;; from memory.
;;! invoke: run
;;! args: 5
;;! stdout: "0\n"
(module
  (memory 1)
  (data (i32.const 0) "\7f\00\00\00\00\00\00\00\80\00\00\00\00\00\00\00\80\ff\ff\ff\ff\ff\ff\ff\7f\ff\ff\ff\ff\ff\ff\ff")
  (func (export "run") (param $i32 i32) (result i32) (local $i64 i64) (local $wrong i32)
    (local.set $i64 (i64.extend_i32_s (local.get $i32)))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.add (local.get $i32) (i32.const 127)) (i32.add (local.get $i32) (i32.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.add (local.get $i32) (i32.const 128)) (i32.add (local.get $i32) (i32.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.add (local.get $i32) (i32.const -128)) (i32.add (local.get $i32) (i32.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.add (local.get $i32) (i32.const -129)) (i32.add (local.get $i32) (i32.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.sub (local.get $i32) (i32.const 127)) (i32.sub (local.get $i32) (i32.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.sub (local.get $i32) (i32.const 128)) (i32.sub (local.get $i32) (i32.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.sub (local.get $i32) (i32.const -128)) (i32.sub (local.get $i32) (i32.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.sub (local.get $i32) (i32.const -129)) (i32.sub (local.get $i32) (i32.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.and (local.get $i32) (i32.const 127)) (i32.and (local.get $i32) (i32.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.and (local.get $i32) (i32.const 128)) (i32.and (local.get $i32) (i32.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.and (local.get $i32) (i32.const -128)) (i32.and (local.get $i32) (i32.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.and (local.get $i32) (i32.const -129)) (i32.and (local.get $i32) (i32.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.or (local.get $i32) (i32.const 127)) (i32.or (local.get $i32) (i32.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.or (local.get $i32) (i32.const 128)) (i32.or (local.get $i32) (i32.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.or (local.get $i32) (i32.const -128)) (i32.or (local.get $i32) (i32.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.or (local.get $i32) (i32.const -129)) (i32.or (local.get $i32) (i32.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.xor (local.get $i32) (i32.const 127)) (i32.xor (local.get $i32) (i32.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.xor (local.get $i32) (i32.const 128)) (i32.xor (local.get $i32) (i32.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.xor (local.get $i32) (i32.const -128)) (i32.xor (local.get $i32) (i32.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.xor (local.get $i32) (i32.const -129)) (i32.xor (local.get $i32) (i32.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.lt_s (local.get $i32) (i32.const 127)) (i32.lt_s (local.get $i32) (i32.load (i32.const 0))))))
    (i32.store (i32.const 64) (local.get $i32))
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 127)))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.load (i32.const 64)) (i32.add (local.get $i32) (i32.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.lt_s (local.get $i32) (i32.const 128)) (i32.lt_s (local.get $i32) (i32.load (i32.const 8))))))
    (i32.store (i32.const 64) (local.get $i32))
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 128)))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.load (i32.const 64)) (i32.add (local.get $i32) (i32.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.lt_s (local.get $i32) (i32.const -128)) (i32.lt_s (local.get $i32) (i32.load (i32.const 16))))))
    (i32.store (i32.const 64) (local.get $i32))
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const -128)))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.load (i32.const 64)) (i32.add (local.get $i32) (i32.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.lt_s (local.get $i32) (i32.const -129)) (i32.lt_s (local.get $i32) (i32.load (i32.const 24))))))
    (i32.store (i32.const 64) (local.get $i32))
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const -129)))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i32.load (i32.const 64)) (i32.add (local.get $i32) (i32.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.add (local.get $i64) (i64.const 127)) (i64.add (local.get $i64) (i64.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.add (local.get $i64) (i64.const 128)) (i64.add (local.get $i64) (i64.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.add (local.get $i64) (i64.const -128)) (i64.add (local.get $i64) (i64.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.add (local.get $i64) (i64.const -129)) (i64.add (local.get $i64) (i64.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.sub (local.get $i64) (i64.const 127)) (i64.sub (local.get $i64) (i64.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.sub (local.get $i64) (i64.const 128)) (i64.sub (local.get $i64) (i64.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.sub (local.get $i64) (i64.const -128)) (i64.sub (local.get $i64) (i64.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.sub (local.get $i64) (i64.const -129)) (i64.sub (local.get $i64) (i64.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.and (local.get $i64) (i64.const 127)) (i64.and (local.get $i64) (i64.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.and (local.get $i64) (i64.const 128)) (i64.and (local.get $i64) (i64.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.and (local.get $i64) (i64.const -128)) (i64.and (local.get $i64) (i64.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.and (local.get $i64) (i64.const -129)) (i64.and (local.get $i64) (i64.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.or (local.get $i64) (i64.const 127)) (i64.or (local.get $i64) (i64.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.or (local.get $i64) (i64.const 128)) (i64.or (local.get $i64) (i64.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.or (local.get $i64) (i64.const -128)) (i64.or (local.get $i64) (i64.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.or (local.get $i64) (i64.const -129)) (i64.or (local.get $i64) (i64.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.xor (local.get $i64) (i64.const 127)) (i64.xor (local.get $i64) (i64.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.xor (local.get $i64) (i64.const 128)) (i64.xor (local.get $i64) (i64.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.xor (local.get $i64) (i64.const -128)) (i64.xor (local.get $i64) (i64.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.xor (local.get $i64) (i64.const -129)) (i64.xor (local.get $i64) (i64.load (i32.const 24))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i64.lt_s (local.get $i64) (i64.const 127)) (i64.lt_s (local.get $i64) (i64.load (i32.const 0))))))
    (i64.store (i32.const 64) (local.get $i64))
    (i64.store (i32.const 64) (i64.add (i64.load (i32.const 64)) (i64.const 127)))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.load (i32.const 64)) (i64.add (local.get $i64) (i64.load (i32.const 0))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i64.lt_s (local.get $i64) (i64.const 128)) (i64.lt_s (local.get $i64) (i64.load (i32.const 8))))))
    (i64.store (i32.const 64) (local.get $i64))
    (i64.store (i32.const 64) (i64.add (i64.load (i32.const 64)) (i64.const 128)))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.load (i32.const 64)) (i64.add (local.get $i64) (i64.load (i32.const 8))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i64.lt_s (local.get $i64) (i64.const -128)) (i64.lt_s (local.get $i64) (i64.load (i32.const 16))))))
    (i64.store (i32.const 64) (local.get $i64))
    (i64.store (i32.const 64) (i64.add (i64.load (i32.const 64)) (i64.const -128)))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.load (i32.const 64)) (i64.add (local.get $i64) (i64.load (i32.const 16))))))
    (local.set $wrong (i32.add (local.get $wrong) (i32.ne
      (i64.lt_s (local.get $i64) (i64.const -129)) (i64.lt_s (local.get $i64) (i64.load (i32.const 24))))))
    (i64.store (i32.const 64) (local.get $i64))
    (i64.store (i32.const 64) (i64.add (i64.load (i32.const 64)) (i64.const -129)))
    (local.set $wrong (i32.add (local.get $wrong) (i64.ne
      (i64.load (i32.const 64)) (i64.add (local.get $i64) (i64.load (i32.const 24))))))
    (local.get $wrong)))
