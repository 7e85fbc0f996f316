;; A section of hints that is malformed, and hints at what is no branch, change nothing.
(module
  (@custom "metadata.code.branch_hint" (before code)
    "\03"                    ;; functions
    "\00\02\03\01\00\04\01\01" ;; one, with hints inside other instructions
    "\63\01\03\01\00"        ;; none of that index
    "\00\05\ff")             ;; malformed
  (func $f (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.const 2)) (else (i32.const 1))))
  (func (export "_start")
    (if (i32.ne (call $f (i32.const 0)) (i32.const 1)) (then (unreachable)))
    (if (i32.ne (call $f (i32.const 1)) (i32.const 2)) (then (unreachable)))))
