;; The same of the older form: more clauses than a call names, a `delegate` over half of them, and everything caught and thrown again.
(module
  (tag $t0 (param i32))
  (tag $t1 (param i32))
  (tag $t2 (param i32))
  (tag $t3 (param i32))
  (tag $t4 (param i32))
  (tag $t5 (param i32))
  (tag $t6 (param i32))
  (tag $t7 (param i32))
  (tag $t8 (param i32))
  (tag $t9 (param i32))
  (tag $t10 (param i32))
  (tag $t11 (param i32))
  (tag $t12 (param i32))
  (tag $t13 (param i32))
  (tag $t14 (param i32))
  (tag $t15 (param i32))
  (tag $t16 (param i32))
  (tag $t17 (param i32))
  (tag $t18 (param i32))
  (tag $t19 (param i32))
  (tag $beyond (param i32))
  (func $throw (param $i i32)
    (if (i32.eq (local.get $i) (i32.const 0)) (then (throw $t0 (i32.const 0))))
    (if (i32.eq (local.get $i) (i32.const 1)) (then (throw $t1 (i32.const 1))))
    (if (i32.eq (local.get $i) (i32.const 2)) (then (throw $t2 (i32.const 2))))
    (if (i32.eq (local.get $i) (i32.const 3)) (then (throw $t3 (i32.const 3))))
    (if (i32.eq (local.get $i) (i32.const 4)) (then (throw $t4 (i32.const 4))))
    (if (i32.eq (local.get $i) (i32.const 5)) (then (throw $t5 (i32.const 5))))
    (if (i32.eq (local.get $i) (i32.const 6)) (then (throw $t6 (i32.const 6))))
    (if (i32.eq (local.get $i) (i32.const 7)) (then (throw $t7 (i32.const 7))))
    (if (i32.eq (local.get $i) (i32.const 8)) (then (throw $t8 (i32.const 8))))
    (if (i32.eq (local.get $i) (i32.const 9)) (then (throw $t9 (i32.const 9))))
    (if (i32.eq (local.get $i) (i32.const 10)) (then (throw $t10 (i32.const 10))))
    (if (i32.eq (local.get $i) (i32.const 11)) (then (throw $t11 (i32.const 11))))
    (if (i32.eq (local.get $i) (i32.const 12)) (then (throw $t12 (i32.const 12))))
    (if (i32.eq (local.get $i) (i32.const 13)) (then (throw $t13 (i32.const 13))))
    (if (i32.eq (local.get $i) (i32.const 14)) (then (throw $t14 (i32.const 14))))
    (if (i32.eq (local.get $i) (i32.const 15)) (then (throw $t15 (i32.const 15))))
    (if (i32.eq (local.get $i) (i32.const 16)) (then (throw $t16 (i32.const 16))))
    (if (i32.eq (local.get $i) (i32.const 17)) (then (throw $t17 (i32.const 17))))
    (if (i32.eq (local.get $i) (i32.const 18)) (then (throw $t18 (i32.const 18))))
    (if (i32.eq (local.get $i) (i32.const 19)) (then (throw $t19 (i32.const 19))))
    (if (i32.eq (local.get $i) (i32.const 20)) (then (throw $beyond (i32.const 20)))))
  ;; 100 and twice the number from the clause of its block, 1003 from the innermost, 20 from the caller, -2 if nothing is thrown.
  (func $expected (param $i i32) (result i32)
    (if (i32.eq (local.get $i) (i32.const 3)) (then (return (i32.const 1003))))
    (if (i32.lt_u (local.get $i) (i32.const 20)) (then (return (i32.add (i32.const 100) (i32.mul (local.get $i) (i32.const 2))))))
    (select (i32.const 20) (i32.const -2) (i32.eq (local.get $i) (i32.const 20))))
  (func $called (param $i i32) (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    (call $throw (local.get $i))
    (i32.const -2)
    catch $t3 (i32.add (i32.const 1000)) end
    catch $t19 (i32.add (i32.const 119))
    end
    catch $t18 (i32.add (i32.const 118)) end
    catch $t17 (i32.add (i32.const 117)) end
    catch $t16 (i32.add (i32.const 116)) end
    catch $t15 (i32.add (i32.const 115)) end
    catch $t14 (i32.add (i32.const 114)) end
    catch $t13 (i32.add (i32.const 113)) end
    catch $t12 (i32.add (i32.const 112)) end
    catch $t11 (i32.add (i32.const 111)) end
    catch $t10 (i32.add (i32.const 110)) end
    catch $t9 (i32.add (i32.const 109)) end
    catch $t8 (i32.add (i32.const 108)) end
    catch $t7 (i32.add (i32.const 107)) end
    catch $t6 (i32.add (i32.const 106)) end
    catch $t5 (i32.add (i32.const 105)) end
    catch $t4 (i32.add (i32.const 104)) end
    catch $t3 (i32.add (i32.const 103)) end
    catch $t2 (i32.add (i32.const 102)) end
    catch $t1 (i32.add (i32.const 101)) end
    catch $t0 (i32.add (i32.const 100)) end)
  (func $thrown (param $i i32) (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    try (result i32)
    (if (i32.eq (local.get $i) (i32.const 0)) (then (throw $t0 (i32.const 0))))
    (if (i32.eq (local.get $i) (i32.const 1)) (then (throw $t1 (i32.const 1))))
    (if (i32.eq (local.get $i) (i32.const 2)) (then (throw $t2 (i32.const 2))))
    (if (i32.eq (local.get $i) (i32.const 3)) (then (throw $t3 (i32.const 3))))
    (if (i32.eq (local.get $i) (i32.const 4)) (then (throw $t4 (i32.const 4))))
    (if (i32.eq (local.get $i) (i32.const 5)) (then (throw $t5 (i32.const 5))))
    (if (i32.eq (local.get $i) (i32.const 6)) (then (throw $t6 (i32.const 6))))
    (if (i32.eq (local.get $i) (i32.const 7)) (then (throw $t7 (i32.const 7))))
    (if (i32.eq (local.get $i) (i32.const 8)) (then (throw $t8 (i32.const 8))))
    (if (i32.eq (local.get $i) (i32.const 9)) (then (throw $t9 (i32.const 9))))
    (if (i32.eq (local.get $i) (i32.const 10)) (then (throw $t10 (i32.const 10))))
    (if (i32.eq (local.get $i) (i32.const 11)) (then (throw $t11 (i32.const 11))))
    (if (i32.eq (local.get $i) (i32.const 12)) (then (throw $t12 (i32.const 12))))
    (if (i32.eq (local.get $i) (i32.const 13)) (then (throw $t13 (i32.const 13))))
    (if (i32.eq (local.get $i) (i32.const 14)) (then (throw $t14 (i32.const 14))))
    (if (i32.eq (local.get $i) (i32.const 15)) (then (throw $t15 (i32.const 15))))
    (if (i32.eq (local.get $i) (i32.const 16)) (then (throw $t16 (i32.const 16))))
    (if (i32.eq (local.get $i) (i32.const 17)) (then (throw $t17 (i32.const 17))))
    (if (i32.eq (local.get $i) (i32.const 18)) (then (throw $t18 (i32.const 18))))
    (if (i32.eq (local.get $i) (i32.const 19)) (then (throw $t19 (i32.const 19))))
    (if (i32.eq (local.get $i) (i32.const 20)) (then (throw $beyond (i32.const 20))))
    (i32.const -2)
    catch $t3 (i32.add (i32.const 1000)) end
    catch $t19 (i32.add (i32.const 119))
    end
    catch $t18 (i32.add (i32.const 118)) end
    catch $t17 (i32.add (i32.const 117)) end
    catch $t16 (i32.add (i32.const 116)) end
    catch $t15 (i32.add (i32.const 115)) end
    catch $t14 (i32.add (i32.const 114)) end
    catch $t13 (i32.add (i32.const 113)) end
    catch $t12 (i32.add (i32.const 112)) end
    catch $t11 (i32.add (i32.const 111)) end
    catch $t10 (i32.add (i32.const 110)) end
    catch $t9 (i32.add (i32.const 109)) end
    catch $t8 (i32.add (i32.const 108)) end
    catch $t7 (i32.add (i32.const 107)) end
    catch $t6 (i32.add (i32.const 106)) end
    catch $t5 (i32.add (i32.const 105)) end
    catch $t4 (i32.add (i32.const 104)) end
    catch $t3 (i32.add (i32.const 103)) end
    catch $t2 (i32.add (i32.const 102)) end
    catch $t1 (i32.add (i32.const 101)) end
    catch $t0 (i32.add (i32.const 100)) end)
  ;; The clauses inside of the `delegate` catch the opposite of what they should, if they are asked.
  (func $delegated (param $i i32) (result i32)
    try $outer (result i32) try (result i32)
    try (result i32) try (result i32) (call $throw (local.get $i)) (i32.const -2)
    delegate $outer
    catch $t0 (drop) (i32.const 7)
    catch $t1 (drop) (i32.const 7)
    catch $t2 (drop) (i32.const 7)
    catch $t3 (drop) (i32.const 7)
    catch $t4 (drop) (i32.const 7)
    catch $t5 (drop) (i32.const 7)
    catch $t6 (drop) (i32.const 7)
    catch $t7 (drop) (i32.const 7)
    catch $t8 (drop) (i32.const 7)
    catch $t9 (drop) (i32.const 7)
    catch $t10 (drop) (i32.const 7)
    catch $t11 (drop) (i32.const 7)
    catch $t12 (drop) (i32.const 7)
    catch $t13 (drop) (i32.const 7)
    catch $t14 (drop) (i32.const 7)
    catch $t15 (drop) (i32.const 7)
    catch $t16 (drop) (i32.const 7)
    catch $t17 (drop) (i32.const 7)
    catch $t18 (drop) (i32.const 7)
    catch $t19 (drop) (i32.const 7)
    catch_all (i32.const 8) end
    catch_all (i32.const 9) end
    catch $t0 (i32.add (i32.const 100))
    catch $t1 (i32.add (i32.const 101))
    catch $t2 (i32.add (i32.const 102))
    catch $t3 (i32.add (i32.const 1000))
    catch $t4 (i32.add (i32.const 104))
    catch $t5 (i32.add (i32.const 105))
    catch $t6 (i32.add (i32.const 106))
    catch $t7 (i32.add (i32.const 107))
    catch $t8 (i32.add (i32.const 108))
    catch $t9 (i32.add (i32.const 109))
    catch $t10 (i32.add (i32.const 110))
    catch $t11 (i32.add (i32.const 111))
    catch $t12 (i32.add (i32.const 112))
    catch $t13 (i32.add (i32.const 113))
    catch $t14 (i32.add (i32.const 114))
    catch $t15 (i32.add (i32.const 115))
    catch $t16 (i32.add (i32.const 116))
    catch $t17 (i32.add (i32.const 117))
    catch $t18 (i32.add (i32.const 118))
    catch $t19 (i32.add (i32.const 119))
    catch_all (rethrow 0) end)
  (func $caught (param $i i32) (param $which i32) (result i32)
    try (result i32)
    (if (i32.eqz (local.get $which)) (then (return (call $called (local.get $i)))))
    (if (i32.eq (local.get $which) (i32.const 1)) (then (return (call $thrown (local.get $i)))))
    (call $delegated (local.get $i))
    catch $beyond end)
  (func (export "_start") (local $i i32)
    (loop $next
      (if (i32.ne (call $expected (local.get $i)) (call $caught (local.get $i) (i32.const 0))) (then (unreachable)))
      (if (i32.ne (call $expected (local.get $i)) (call $caught (local.get $i) (i32.const 1))) (then (unreachable)))
      (if (i32.ne (call $expected (local.get $i)) (call $caught (local.get $i) (i32.const 2))) (then (unreachable)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 22))))))
