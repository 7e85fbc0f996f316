;; A copy whose end is compared with a sum from outside of the loop, before loops of which the innermost have several ways
;; round: where these come together, what was computed outside is still what it was.
(module
  (memory (export "memory") 1)
  (data (i32.const 4) "\00\01\00\00")
  (data (i32.const 256) "abcdefgh")
  (data (i32.const 380) "\00\02\00\00")
  (func $copies (param $to i32) (param $from i32)
    (local $n i32) (local $len i32) (local $i i32) (local $j i32) (local $k i32) (local $m i32)
    (loop $outer
      (local.set $len (i32.add (i32.shl (local.get $n) (i32.const 2)) (i32.const 8)))
      (local.set $i (i32.const 0))
      (loop $inner
        (block $next
          (br_if $next (i32.load (local.get $i)))
          (if (i32.load offset=4 (local.get $i))
            (then
              (memory.copy (local.get $to) (i32.add (local.get $from) (local.get $i)) (local.get $len))))
          (br_if $next (i32.load offset=12 (local.get $i)))
          (local.set $j (i32.load (i32.const 80)))
          (local.set $k (i32.const 0))
          (loop $second
            (if (i32.load offset=8 (local.get $k))
              (then
                (local.set $m (i32.const 0))
                (loop $third
                  (if (i32.load offset=16 (local.get $m))
                    (then (i32.store offset=20 (local.get $m) (local.get $i))))
                  (br_if $third
                    (i32.lt_u (local.tee $m (i32.add (local.get $m) (i32.const 4))) (local.get $k))))
                (if (i32.load offset=24 (local.get $k))
                  (then (i32.store offset=28 (local.get $k) (local.get $j))))))
            (br_if $second
              (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 4))) (local.get $j)))))
        (br_if $inner
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.load (i32.const 64)))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $outer (i32.lt_u (local.get $n) (i32.load (i32.const 68))))))
  (func (export "_start")
    (call $copies (i32.load offset=124 (i32.load (i32.const 4))) (i32.load (i32.const 4)))
    (if (i64.ne (i64.load (i32.const 512)) (i64.load (i32.const 256))) (then unreachable))))
