;;! exit: 134
;;! stderr-contains: "unreachable"
;;! stderr-contains: "descend"
;; A deep stack is not printed whole.
(module
  (func $descend (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (i32.add (i32.const 1) (call $descend (i32.sub (local.get 0) (i32.const 1)))))
  (func (export "_start") (drop (call $descend (i32.const 20000)))))
