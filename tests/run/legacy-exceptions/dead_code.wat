;; What cannot execute is still nested properly, and handlers that nothing reaches are left out.
(module
  (tag $a (param i32))
  (func $nothing)
  (func (export "_start") (local i32)
    block $out
      br $out
      try
        (throw $a (i32.const 1))
      catch $a
        drop
        rethrow 0
      catch_all
        rethrow 0
      end
      try
        call $nothing
      delegate $out
    end
    ;; No handler at all.
    try
      call $nothing
    end
    try
      try
        return
      catch_all
        unreachable
      end
    catch $a
      local.set 0
      unreachable
    catch_all
      unreachable
    end))
