;;! exit: 134
;;! stderr-contains: "0: divide (wasm function 0) at offset"
;;! stderr-contains: "1: middle (wasm function 1) at offset"
;;! stderr-contains: "2: _start (wasm function 2) at offset"
;; A body in the place of a call is a frame of the backtrace like any other.
(module
  (func $divide (param i32) (result i32)
    (i32.div_u (i32.const 1) (local.get 0)))
  (func $middle (param i32) (result i32)
    (i32.add (call $divide (local.get 0)) (i32.const 1)))
  (func (export "_start")
    (drop (call $middle (i32.const 0)))))
