;; Each form catches what the other throws, also what a reference was thrown as.
(module
  (tag $a (param i32))
  (tag $b (param i64))
  (tag $c)
  (func $throw (param i32)
    (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 10))))
    (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b (i64.const 20))))
    (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $c))))

  (func $which (param i32) (result i32)
    try (result i32)
      (call $throw (local.get 0))
      (i32.const 1)
    catch $a
    catch $b
      i32.wrap_i64
    catch_all
      (i32.const 30)
    end)

  (func $throw_ref (param exnref) (throw_ref (local.get 0)))
  (func $mixed (result i32)
    (local exnref)
    (block $caught (result i32)
      (try_table (catch $a $caught)
        try
          (block $kept (result i32 exnref)
            (try_table (catch_ref $a $kept) (call $throw (i32.const 1)))
            (unreachable))
          (local.set 0)
          drop
          (call $throw_ref (local.get 0))
        catch_all
          (drop (call $which (i32.const 2)))
          rethrow 0
        end)
      (unreachable)))

  (func (export "_start") (if (i32.ne (call $mixed) (i32.const 10)) (then (unreachable)))))
