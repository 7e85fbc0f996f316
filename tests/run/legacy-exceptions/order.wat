;;! stdout: "enter body cleanup caught after; enter body after; loop 0 1 2 out; outer; tail caught\n"
;; What runs when: cleanups, code after the handler, leaving a body and a handler by branches, and tail calls.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16)
    "enter " "body " "cleanup " "caught " "after; " "loop " "0 " "1 " "2 " "out; " "outer; " "tail " "WRONG " "\n")
  (tag $e (param i32))
  (func $say (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $body (param i32)
    (call $say (i32.const 22) (i32.const 5))
    (if (local.get 0) (then (throw $e (local.get 0)))))
  (func $with_cleanup (param i32)
    try
      (call $body (local.get 0))
    catch_all
      (call $say (i32.const 27) (i32.const 8))
      rethrow 0
    end)
  (func $whole (param i32)
    (call $say (i32.const 16) (i32.const 6))
    try
      (call $with_cleanup (local.get 0))
    catch $e
      drop
      (call $say (i32.const 35) (i32.const 7))
    end
    (call $say (i32.const 42) (i32.const 7)))
  ;; Round by round, once out of the body and once out of the handler.
  (func $loop (local $i i32)
    (call $say (i32.const 49) (i32.const 5))
    block $out
      loop $again
        try $try
          (call $say (i32.add (i32.const 54) (i32.mul (local.get $i) (i32.const 2))) (i32.const 2))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.eq (local.get $i) (i32.const 1)))
          (throw $e (local.get $i))
        catch $e
          (br_table $again $again $again $out)
        end
        (call $say (i32.const 77) (i32.const 6))
      end
    end
    (call $say (i32.const 60) (i32.const 5)))
  ;; A handler is not for what its siblings throw, nor for what comes after it.
  (func $outer
    try
      try
        (throw $e (i32.const 1))
      catch $e
        throw $e
      catch_all
        (call $say (i32.const 77) (i32.const 6))
      end
      (call $say (i32.const 77) (i32.const 6))
    catch_all
      (call $say (i32.const 65) (i32.const 7))
    end)
  ;; A function that is called in tail position has left its `try`.
  (func $throw (throw $e (i32.const 1)))
  (func $tail
    try
      (call $say (i32.const 72) (i32.const 5))
      return_call $throw
    catch_all
      (call $say (i32.const 77) (i32.const 6))
    end)
  (func (export "_start")
    (call $whole (i32.const 1))
    (call $whole (i32.const 0))
    call $loop
    call $outer
    try
      call $tail
      (call $say (i32.const 77) (i32.const 6))
    catch_all
      (call $say (i32.const 35) (i32.const 6))
    end
    (call $say (i32.const 83) (i32.const 1))))
