;; The end of a chain, and the bottom of a diamond: counts how often it is initialized.
(module
  (global $count (export "count") (mut i32) (i32.const 0))
  (func (export "_initialize")
    (global.set $count (i32.add (global.get $count) (i32.const 1))))
  (func (export "value") (result i32) (global.get $count)))
