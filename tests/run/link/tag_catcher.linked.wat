;; Catches what main throws, by the tag of a third, and lets everything else pass.
(module
  (import "tags" "first" (tag $first (param i32)))
  (import "tags" "throw" (func $throw (param i32 i32)))
  (export "first again" (tag $first))
  (func (export "catch_first") (param $second i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $first $caught) (call $throw (local.get $second) (i32.const 5)))
      (unreachable))))
