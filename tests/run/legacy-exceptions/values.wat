;; What a handler sees: values of every type, parameters of the `try`, and locals as they were when it was thrown.
(module
  (tag $many (param i32 i64 f32 f64 v128 i32 externref))
  (tag $one (param i64))
  (table $t 1 1 externref)
  (func $check (param i32) (if (i32.eqz (local.get 0)) (then (unreachable))))
  (func $throw (param i32)
    (throw $many
      (local.get 0) (i64.const -2) (f32.const 3.5) (f64.const -4.25) (i32x4.splat (local.get 0)) (i32.const 6)
      (table.get $t (i32.const 0))))
  (func $many
    try (result i32 i64 f32 f64 v128 i32 externref)
      (call $throw (i32.const 7))
      unreachable
    catch $many
    end
    (call $check (ref.is_null))
    (call $check (i32.eq (i32.const 6)))
    (call $check (i32.eq (i32x4.extract_lane 3) (i32.const 7)))
    (call $check (f64.eq (f64.const -4.25)))
    (call $check (f32.eq (f32.const 3.5)))
    (call $check (i64.eq (i64.const -2)))
    (call $check (i32.eq (i32.const 7))))
  ;; The handler begins without the parameters, and what lies below the `try` stays.
  (func $parameters (param i32) (result i64)
    (i64.const 1000)
    (i64.const 20) (i64.const 3)
    try (param i64 i64) (result i64)
      (if (local.get 0) (then (throw $one (i64.const 500))))
      i64.add
    catch $one
    end
    i64.add)
  (func $fail (param i32) (if (local.get 0) (then (throw $one (i64.extend_i32_u (local.get 0))))))
  (func $locals (param $fail i32) (result i32) (local $a i32) (local $b i64) (local $c f64)
    (local.set $b (i64.const 1))
    try
      (local.set $a (i32.const 10))
      (call $fail (i32.eq (local.get $fail) (i32.const 1)))
      (local.set $a (i32.const 20))
      (local.set $b (i64.const 2))
      (call $fail (i32.eq (local.get $fail) (i32.const 2)))
      loop $loop
        (local.set $c (f64.add (local.get $c) (f64.const 100)))
        (call $fail (f64.eq (local.get $c) (f64.const 500)))
        br $loop
      end
    catch_all
    end
    (i32.add (local.get $a) (i32.add (i32.wrap_i64 (local.get $b)) (i32.trunc_f64_s (local.get $c)))))
  ;; The same, thrown again by depth from within other handlers, as often as one likes.
  (func $again (result i64) (local $times i32)
    try $outer (result i64)
      try $first
        (throw $one (i64.const 40))
      catch $one
        drop
        try $second
          (throw $one (i64.const 2))
        catch_all
          try
            rethrow $second
          catch $one
            (call $check (i64.eq (i64.const 2)))
            rethrow $first
          end
        end
      end
      unreachable
    catch $one
    end)
  (func (export "_start")
    call $many
    (call $check (i64.eq (call $parameters (i32.const 0)) (i64.const 1023)))
    (call $check (i64.eq (call $parameters (i32.const 1)) (i64.const 1500)))
    (call $check (i32.eq (call $locals (i32.const 1)) (i32.const 11)))
    (call $check (i32.eq (call $locals (i32.const 2)) (i32.const 22)))
    (call $check (i32.eq (call $locals (i32.const 3)) (i32.const 522)))
    (call $check (i64.eq (call $again) (i64.const 40)))))
