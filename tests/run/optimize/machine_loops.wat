;; A loop right behind a call, which returns to where something is put before the loop, and one whose first instruction traps.
;;! invoke: run
;;! args: 3
;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
;;! stderr-contains: "at offset 0x4f"
;;! stderr-contains: "at offset 0x85"
(module
  (memory 1)
  (func $seven (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add (i32.const 2) (call $seven (i32.sub (local.get 0) (i32.const 1)))))
  (func $walk (param $at i32) (param $by i32)
    (drop (call $seven (local.get $by)))
    (loop $again
      (local.set $at (i32.add (local.get $at) (i32.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.and (local.get $by) (i32.const 0xffff0))))
      (br_if $again (i32.ne (local.get $at) (i32.const -1))))
    (loop $again
      (local.set $by (i32.xor (local.get $by) (i32.load offset=8 (local.get $at))))
      (br_if $again (local.get $by))))
  (func (export "run") (param i32) (result i32)
    (call $walk (i32.const 0) (i32.mul (local.get 0) (i32.const 4096)))
    (i32.const 0)))
