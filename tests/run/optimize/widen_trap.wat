;; A pointer below zero is beyond the end of memory: in a loop that counts down to it.
;;! invoke: run
;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
(module
  (memory 1)
  (func (export "run") (result i32) (local $at i32) (local $sum i32)
    (local.set $at (i32.const 8))
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
      (br_if $again
        (i32.ne (local.tee $at (i32.sub (local.get $at) (i32.const 4))) (i32.const -16))))
    (local.get $sum)))
