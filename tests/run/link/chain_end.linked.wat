;; Imports from a module that imports from another one.
(module
  (import "left" "value" (func $value (result i32)))
  (func (export "value") (result i32) (i32.add (call $value) (i32.const 10))))
