;; References to exceptions outlive the handler, in a global, a table and another exception.
(module
  (tag $a (param i32))
  (tag $b (param exnref i32))
  (table $kept 10 exnref)
  (global $first (mut exnref) (ref.null exn))

  (func $throw_a (param i32) (throw $a (local.get 0)))
  (func $throw_ref (param exnref) (throw_ref (local.get 0)))

  (func $value (param exnref) (result i32)
    (block $b (result exnref i32)
      (block $a (result i32)
        (try_table (catch $a $a) (catch $b $b) (call $throw_ref (local.get 0)))
        (unreachable))
      (return))
    (if (i32.ne (i32.const 5)) (then (unreachable)))
    (call $value))

  (func $nested (param exnref) (result exnref)
    (block $all (result exnref)
      (try_table (catch_all_ref $all)
        (throw $b (local.get 0) (i32.const 5)))
      (unreachable)))

  (func (export "_start") (local $i i32)
    (loop $fill
      (table.set $kept (local.get $i)
        (call $drop_value (i32.mul (local.get $i) (i32.const 11))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $fill (i32.lt_u (local.get $i) (i32.const 10))))
    (global.set $first (table.get $kept (i32.const 1)))
    (loop $check
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (if (i32.ne (call $value (table.get $kept (local.get $i))) (i32.mul (local.get $i) (i32.const 11)))
        (then (unreachable)))
      (br_if $check (local.get $i)))
    (if (i32.ne (call $value (call $nested (global.get $first))) (i32.const 11)) (then (unreachable)))
    (if (i32.ne (call $value (global.get $first)) (i32.const 11)) (then (unreachable))))

  (func $drop_value (param i32) (result exnref) (local exnref)
    (block $caught (result i32 exnref)
      (try_table (catch_ref $a $caught) (call $throw_a (local.get 0)))
      (unreachable))
    (local.set 1) (drop) (local.get 1)))
