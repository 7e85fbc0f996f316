;;! link: one leaf.linked.wat
;;! link: other leaf.linked.wat
;;! invoke: values
;;! stdout: "5\n1\n"
;; A file linked by two names is two instances.
(module
  (import "one" "count" (global $one (mut i32)))
  (import "other" "count" (global $other (mut i32)))
  (func (export "values") (result i32 i32)
    (global.set $one (i32.const 5))
    (global.get $one) (global.get $other)))
