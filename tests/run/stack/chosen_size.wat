;;! stack: 131072
;;! exit: 134
;;! stderr-contains: "call stack exhausted"
;; The same depth does not fit a stack of 128 KiB.
(module
  (func $descend (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.add (i32.const 1) (call $descend (i32.sub (local.get 0) (i32.const 1)))))
  (func (export "_start") (drop (call $descend (i32.const 100000)))))
