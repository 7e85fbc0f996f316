;; Pointers that loops carry and that are loaded: as indices they are numbers without a sign, whatever they come from.
;;! invoke: run
;;! stdout: "28\n15\n-3\n44\n"
(module
  (memory 1)
  (data (i32.const 16) "\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00\05\00\00\00\06\00\00\00\07\00\00\00")
  ;; A list: the next one's address at 0, its value at 4.
  (data (i32.const 64) "\50\00\00\00\01\00\00\00\00\00\00\00\00\00\00\00\60\00\00\00\02\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0c\00\00\00")
  (func $sum (param $at i32) (param $end i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
      (br_if $again
        (i32.ne (local.tee $at (i32.add (local.get $at) (i32.const 4))) (local.get $end))))
    (local.get $sum))
  (func $list (param $at i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (i32.load offset=4 (local.get $at))))
      (br_if $again (local.tee $at (i32.load (local.get $at)))))
    (local.get $sum))
  ;; The counter is also used as a number with a sign, and wraps on its way.
  (func $signed (result i32) (local $at i32) (local $sum i64)
    (local.set $at (i32.const 20))
    (loop $again
      (local.set $sum (i64.add (i64.extend_i32_s (local.get $at)) (i64.const 1)))
      (drop (i32.load (i32.and (local.get $at) (i32.const 60))))
      (drop (i32.load8_u offset=8 (i32.and (local.get $at) (i32.const 60))))
      (br_if $again
        (i32.ge_s (local.tee $at (i32.sub (local.get $at) (i32.const 8))) (i32.const -4))))
    (i32.wrap_i64 (local.get $sum)))
  ;; A pointer that comes from several branches of a table.
  (func $table (param $which i32) (result i32) (local $at i32) (local $sum i32)
    (loop $again
      (block $two
        (block $one
          (block $zero
            (br_table $zero $one $two (local.get $which)))
          (local.set $at (i32.const 16))
          (br $two))
        (local.set $at (i32.add (local.get $at) (i32.const 24))))
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
      (local.set $sum (i32.add (local.get $sum) (i32.load offset=0 (local.get $at))))
      (br_if $again
        (i32.lt_u (local.tee $which (i32.add (local.get $which) (i32.const 1))) (i32.const 4))))
    (local.get $sum))
  (func (export "run") (result i32 i32 i32 i32)
    (call $sum (i32.const 16) (i32.const 44))
    (call $list (i32.const 64))
    (call $signed)
    (call $table (i32.const 0))))
