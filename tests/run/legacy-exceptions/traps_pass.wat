;;! exit: 134
;;! stderr-contains: "wasm trap: integer divide by zero"
;; `catch_all` is for exceptions, not for traps.
(module
  (func $divide (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "_start")
    try
      (drop (call $divide (i32.const 0)))
    catch_all
    end))
