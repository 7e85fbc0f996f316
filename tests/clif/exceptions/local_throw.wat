;; A throw to a handler of its own function is a branch.
(module
  (tag $e (param i32))
  (func (export "find") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (catch $e $caught)
        (loop $loop
          (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 7))) (then (throw $e (local.get 0))))
          (local.set 0 (i32.add (local.get 0) (i32.const 1)))
          (br $loop)))
      (unreachable))))

;;= ;; function 0 (find)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0034                               jump block5(v0)
;;=
;;=                                 block5(v4: i32):
;;= @0038                               v5 = iconst.i32 7
;;= @003a                               v6 = urem v4, v5  ; v5 = 7
;;= @003b                               v7 = iconst.i32 0
;;= @003b                               v8 = icmp eq v6, v7  ; v7 = 0
;;= @003b                               v9 = uextend.i32 v8
;;= @003c                               brif v9, block7, block8
;;=
;;=                                 block7:
;;= @0040                               jump block2(v4)
;;=
;;=                                 block8:
;;= @0042                               jump block9
;;=
;;=                                 block9:
;;= @0045                               v10 = iconst.i32 1
;;= @0047                               v11 = iadd.i32 v4, v10  ; v10 = 1
;;= @004a                               jump block5(v11)
;;=
;;=                                 block2(v2: i32) cold:
;;= @0050                               jump block1(v2)
;;=
;;=                                 block1(v1: i32) cold:
;;= @0050                               return v1
;;= }
;;=
