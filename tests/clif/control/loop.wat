;; A local of a loop becomes a parameter of its block; code after the branch is not translated.
(module
  (func (export "sum") (param i32) (result i32) (local $sum i32)
    (loop $again (result i32)
      (local.set $sum (i32.add (local.get $sum) (local.get 0)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0))
      (return (local.get $sum))
      (drop (i32.div_s (i32.const 1) (i32.const 0))))))

;;= ;; function 0 (sum)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;=                                     v2 = iconst.i32 0
;;= @0024                               jump block2(v2, v0)  ; v2 = 0
;;=
;;=                                 block2(v4: i32, v5: i32):
;;= @002a                               v6 = iadd v4, v5
;;= @002f                               v7 = iconst.i32 1
;;= @0031                               v8 = isub v5, v7  ; v7 = 1
;;= @0036                               brif v8, block2(v6, v8), block4
;;=
;;=                                 block4:
;;= @003a                               return v6
;;= }
;;=
