;; A pointer that is loaded and below zero is beyond the end of memory, also where its number is used otherwise.
;;! invoke: run
;;! args: 0
;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
(module
  (memory 1)
  (data (i32.const 0) "\fc\ff\ff\ff")
  (func (export "run") (param i32) (result i32) (local $at i32)
    (local.set $at (i32.load (local.get 0)))
    (i32.add (local.get $at) (i32.load offset=4 (local.get $at)))))
