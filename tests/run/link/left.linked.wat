;; Adds 2 to what the leaf has. Its start function runs before its `_initialize`.
(module
  (import "leaf" "value" (func $value (result i32)))
  (import "leaf" "count" (global $count (mut i32)))
  (func $start
    (global.set $count (i32.mul (global.get $count) (i32.const 2))))
  (start $start)
  (func (export "_initialize")
    (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (export "leaf value" (func $value))
  (func (export "value") (result i32) (i32.add (call $value) (i32.const 2))))
