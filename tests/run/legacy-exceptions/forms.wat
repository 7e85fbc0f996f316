;; The older form: handlers in order, values of handlers, `rethrow` by depth, `delegate`, and handlers that throw.
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

  ;; A cleanup, as compilers emit it: everything is caught and thrown again.
  (global $cleanups (mut i32) (i32.const 0))
  (func $cleanup (param i32)
    try
      (call $throw (local.get 0))
    catch_all
      (global.set $cleanups (i32.add (global.get $cleanups) (i32.const 1)))
      ;; Another exception in between takes the place of the first.
      (drop (call $which (i32.const 2)))
      rethrow 0
    end)

  (func $rethrow (param i32) (result i32)
    try (result i32)
      try (result i32)
        (call $cleanup (local.get 0))
        (i32.const 1)
      catch $a
        drop
        try (result i32)
          throw $c
        catch $c
          ;; The outer one.
          rethrow 1
        end
      end
    catch $a
      (i32.add (i32.const 1))
    catch $b
      drop
      (i32.const 21)
    catch_all
      (i32.const 31)
    end)

  (func $delegate (param i32) (result i32)
    try $outer (result i32)
      try (result i32)
        try (result i32)
          (call $throw (local.get 0))
          (i32.const 1)
        delegate $outer
      catch_all
        ;; Passed over.
        (i32.const 99)
      end
    catch $a
      (i32.add (i32.const 2))
    catch_all
      (i32.const 42)
    end)

  ;; To the caller: not even the blocks around it see the exception.
  (func $delegate_out (param i32)
    try
      try
        (call $throw (local.get 0))
      delegate 1
    catch_all
      unreachable
    end)

  (func $delegated (param i32) (result i32)
    try (result i32)
      (call $delegate_out (local.get 0))
      (i32.const 1)
    catch $b
      drop
      (i32.const 22)
    catch_all
      (i32.const 43)
    end)

  ;; An exception that is thrown by a handler is not for its siblings.
  (func $in_handler (result i32)
    try (result i32)
      try (result i32)
        (throw $a (i32.const 1))
      catch $a
        drop
        (throw $b (i64.const 2))
      catch $b
        drop
        (i32.const 0)
      catch_all
        (i32.const 0)
      end
    catch $b
      i32.wrap_i64
    end)

  (func $check (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then (unreachable))))
  (func (export "_start")
    (call $check (call $which (i32.const 0)) (i32.const 1))
    (call $check (call $which (i32.const 1)) (i32.const 10))
    (call $check (call $which (i32.const 2)) (i32.const 20))
    (call $check (call $which (i32.const 3)) (i32.const 30))
    (call $check (call $rethrow (i32.const 0)) (i32.const 1))
    (call $check (call $rethrow (i32.const 1)) (i32.const 11))
    (call $check (call $rethrow (i32.const 2)) (i32.const 21))
    (call $check (call $rethrow (i32.const 3)) (i32.const 31))
    (call $check (global.get $cleanups) (i32.const 3))
    (call $check (call $delegate (i32.const 0)) (i32.const 1))
    (call $check (call $delegate (i32.const 1)) (i32.const 12))
    (call $check (call $delegate (i32.const 2)) (i32.const 42))
    (call $check (call $delegated (i32.const 0)) (i32.const 1))
    (call $check (call $delegated (i32.const 2)) (i32.const 22))
    (call $check (call $delegated (i32.const 3)) (i32.const 43))
    (call $check (call $in_handler) (i32.const 2))))
