;;! link: right right.linked.wat
;;! link: left left.linked.wat
;;! link: leaf leaf.linked.wat
;;! invoke: values
;;! stdout: "5\n6\n3\n"
;; The leaf is one instance: 1 by its `_initialize`, doubled by the left's start, 1 more by the left's `_initialize`.
(module
  (import "left" "value" (func $left (result i32)))
  (import "right" "value" (func $right (result i32)))
  (import "left" "leaf value" (func $leaf (result i32)))
  (func (export "values") (result i32 i32 i32)
    (call $left) (call $right) (call $leaf)))
