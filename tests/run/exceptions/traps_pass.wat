;;! exit: 134
;;! stderr-contains: "integer divide by zero"
;; A trap is no exception.
(module
  (func $divide (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func (export "_start")
    (block $caught
      (try_table (catch_all $caught) (drop (call $divide (i32.const 0)))))))
