;; What cannot execute is still nested properly, and handlers that nothing reaches are left out.
(module
  (tag $a (param i32))
  (func $nothing)
  (func (export "_start") (local i32)
    (block $out
      (br $out)
      (try (do (throw $a (i32.const 1))) (catch $a (drop) (rethrow 0)) (catch_all (rethrow 0)))
      (try (do (call $nothing)) (delegate $out)))
    (try (do (return (try (do (nop)))))
      (catch $a (local.set 0) (unreachable))
      (catch_all (unreachable)))))
