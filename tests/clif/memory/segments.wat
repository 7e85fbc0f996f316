;;! show: function that instantiates
;; What cannot trap is in the memory's image; what can is done at start, in its order.
(module
  (memory 1)
  (data (i32.const 0) "in the image")
  (data (i32.const 0xffff) "out of bounds")
  (data (i32.const 100) "never reached"))

;;= ;; function that instantiates instance0
;;= function u1:0() tail {
;;=     sig0 = (i64, i64, i64) system_v
;;=     fn0 = colocated u3:1 sig0
;;=
;;= block0:
;;=     v0 = iconst.i64 0xffff
;;=     v1 = iconst.i64 0
;;=     v2 = iconst.i64 13
;;=     v3 = iconst.i64 13
;;=     v4 = iadd v1, v2  ; v1 = 0, v2 = 13
;;=     v5 = icmp ugt v4, v3  ; v3 = 13
;;=     trapnz v5, user2
;;=     v6 = symbol_value.i64 gv1
;;=     v7 = load.i64 notrap aligned region1 v6+8
;;=     v8 = iadd v0, v2  ; v0 = 0xffff, v2 = 13
;;=     v9 = icmp ugt v8, v7
;;=     trapnz v9, user66
;;=     v10 = iconst.i64 0x0001_0000
;;=     v11 = iadd v0, v10  ; v0 = 0xffff, v10 = 0x0001_0000
;;=     v12 = symbol_value.i64 gv0
;;=     v13 = iconst.i64 0
;;=     v14 = iadd v12, v13  ; v13 = 0
;;=     v15 = iadd v14, v1  ; v1 = 0
;;=     call fn0(v11, v15, v2)  ; v2 = 13
;;=     v16 = iconst.i64 100
;;=     v17 = iconst.i64 0
;;=     v18 = iconst.i64 13
;;=     v19 = iconst.i64 13
;;=     v20 = iadd v17, v18  ; v17 = 0, v18 = 13
;;=     v21 = icmp ugt v20, v19  ; v19 = 13
;;=     trapnz v21, user2
;;=     v22 = symbol_value.i64 gv1
;;=     v23 = load.i64 notrap aligned region1 v22+8
;;=     v24 = iadd v16, v18  ; v16 = 100, v18 = 13
;;=     v25 = icmp ugt v24, v23
;;=     trapnz v25, user66
;;=     v26 = iconst.i64 0x0001_0000
;;=     v27 = iadd v16, v26  ; v16 = 100, v26 = 0x0001_0000
;;=     v28 = symbol_value.i64 gv0
;;=     v29 = iconst.i64 16
;;=     v30 = iadd v28, v29  ; v29 = 16
;;=     v31 = iadd v30, v17  ; v17 = 0
;;=     call fn0(v27, v31, v18)  ; v18 = 13
;;=     return
;;= }
;;=
