;; Doubles what the leaf has.
(module
  (import "leaf" "value" (func $value (result i32)))
  (func (export "value") (result i32) (i32.mul (call $value) (i32.const 2))))
