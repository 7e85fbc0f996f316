;;! stack: 65536
;; Millions of exceptions take neither stack nor memory.
(module
  (tag $e (param i64))
  (func $throw (param i64)
    (throw $e (local.get 0)))
  (func (export "_start") (local $i i64) (local $sum i64)
    (loop $again
      (local.set $sum (i64.add (local.get $sum)
        (block $caught (result i64)
          (try_table (catch $e $caught) (call $throw (local.get $i)))
          (unreachable))))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br_if $again (i64.lt_u (local.get $i) (i64.const 2000000))))
    (if (i64.ne (local.get $sum) (i64.const 1999999000000)) (then (unreachable)))))
