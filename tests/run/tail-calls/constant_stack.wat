;;! stack: 65536
;; Millions of tail calls in a stack of 64 KiB: direct and indirect, between functions whose arguments take different
;; amounts of stack.
(module
  (type $small (func (param i64) (result i64)))
  (type $large (func (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)))
  (table funcref (elem $few $many $float))
  (type $floats (func (param i64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64) (result i64)))

  ;; Each counts down, and hands on to the next kind of function.
  (func $few (type $small)
    (if (i64.eqz (local.get 0)) (then (return (i64.const 7))))
    (return_call $many (i64.sub (local.get 0) (i64.const 1))
      (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
      (i64.const 7) (i64.const 8) (i64.const 9) (i64.const 10) (i64.const 11)))
  (func $many (type $large)
    (if (i64.ne (i64.add (local.get 1) (local.get 11)) (i64.const 12)) (then (unreachable)))
    (if (i64.eqz (local.get 0)) (then (return (i64.const 8))))
    (return_call_indirect (type $floats) (i64.sub (local.get 0) (i64.const 1))
      (f64.const 1) (f64.const 2) (f64.const 3) (f64.const 4) (f64.const 5)
      (f64.const 6) (f64.const 7) (f64.const 8) (f64.const 9) (f64.const 10) (i32.const 2)))
  (func $float (type $floats)
    (if (f64.ne (f64.add (local.get 1) (local.get 10)) (f64.const 11)) (then (unreachable)))
    (if (i64.eqz (local.get 0)) (then (return (i64.const 9))))
    (return_call_indirect (type $small) (i64.sub (local.get 0) (i64.const 1)) (i32.const 0)))

  ;; The stack pointer is where it was after calls whose callees took more stack than their caller gave.
  (func $twice (param i64) (result i64)
    (local $before i64)
    (local.set $before (i64.const 0x5555555555555555))
    (if (i64.ne (call $few (local.get 0)) (call $few (local.get 0))) (then (unreachable)))
    (local.get $before))

  (func (export "_start")
    (if (i64.ne (call $few (i64.const 3000000)) (i64.const 7)) (then (unreachable)))
    (if (i64.ne (call $few (i64.const 3000001)) (i64.const 8)) (then (unreachable)))
    (if (i64.ne (call $few (i64.const 3000002)) (i64.const 9)) (then (unreachable)))
    (if (i64.ne (call $twice (i64.const 101)) (i64.const 0x5555555555555555)) (then (unreachable)))))
