;;! invoke: all
;;! args: -1 0x10 1.5 -inf
;;! stdout: "-1\n16\n1.5\n-inf\n"
;; Every number type as an argument and as a result.
(module
  (func (export "all") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
    (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
