;; `delegate` to every kind of block: the handler is that of the first `try` from there outwards.
(module
  (tag $e (param i32))
  (func $check (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then (unreachable))))
  (func $throw (param i32) (if (local.get 0) (then (throw $e (local.get 0)))))

  ;; Blocks and loops have no handlers: the `try` around them has.
  (func $to_block (result i32)
    try (result i32)
      block $block
        loop $loop
          try
            (call $throw (i32.const 5))
          delegate $loop
          try
            (call $throw (i32.const 99))
          delegate $block
        end
      end
      i32.const 0
    catch $e
    end)

  ;; To a `try` whose body has ended: its own handler runs, and what that throws goes on outwards.
  (func $from_handler (result i32)
    try $outer (result i32)
      try $inner (result i32)
        (throw $e (i32.const 1))
      catch $e
        drop
        try (result i32)
          (throw $e (i32.const 2))
        delegate $inner
      end
    catch $e
      (i32.add (i32.const 10))
    end)

  ;; From one to the next.
  (func $chain (result i32)
    try $catches (result i32)
      try $middle (result i32)
        try $between (result i32)
          try (result i32)
            (call $throw (i32.const 7))
            i32.const 0
          delegate $middle
        catch_all
          i32.const 98
        end
      delegate $catches
    catch $e
      (i32.add (i32.const 20))
    end)

  ;; Without an exception it is a block with results.
  (func $results (result i32 i64)
    try (result i32 i64)
      (call $throw (i32.const 0))
      (i32.const 3) (i64.const 4)
    delegate 0)

  ;; A body that delegates to the caller, called from where a handler is.
  (func $out (param i32)
    try
      try
        (call $throw (local.get 0))
      delegate 1
    catch_all
      unreachable
    end)
  (func $called (result i32)
    try (result i32)
      (call $out (i32.const 6))
      i32.const 0
    catch $e
    end)

  (func (export "_start")
    (call $check (call $to_block) (i32.const 5))
    (call $check (call $from_handler) (i32.const 12))
    (call $check (call $chain) (i32.const 27))
    (call $check (i32.wrap_i64 (call $results)) (i32.const 4))
    (call $check (i32.const 3))
    (call $check (call $called) (i32.const 6))))
