;; Targets with values: the arguments of the blocks.
(module
  (func (export "switch") (param i32) (result i32)
    (block $b (result i32)
      (drop (block $a (result i32)
        (br_table $a $b $a (i32.const 7) (local.get 0))))
      (i32.const 8))))

;;= ;; function 0 (switch)
;;= function u0:0(i32) -> i32 tail {
;;=
;;=                                 block0(v0: i32):
;;= @0029                               v4 = iconst.i32 7
;;= @002d                               br_table v0, block3(v4), [block3(v4), block2(v4)]  ; v4 = 7, v4 = 7, v4 = 7
;;=
;;=                                 block3(v3: i32):
;;= @0034                               v5 = iconst.i32 8
;;= @0036                               jump block2(v5)  ; v5 = 8
;;=
;;=                                 block2(v2: i32):
;;= @0037                               jump block1(v2)
;;=
;;=                                 block1(v1: i32):
;;= @0037                               return v1
;;= }
;;=
