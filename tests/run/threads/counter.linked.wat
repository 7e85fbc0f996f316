;; A library with a count of its own, and a shared memory in which it counts how often it was made ready.
(module
  (memory (export "memory") 1 1 shared)
  (global $count (export "count") (mut i32) (i32.const 7))
  (func (export "_initialize")
    (drop (i32.atomic.rmw.add (i32.const 1024) (i32.const 1)))
    (global.set $count (i32.const 100)))
  (func (export "next") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count))
  (func $fail (export "fail") (unreachable)))
