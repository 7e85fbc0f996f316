;;! link: end chain_end.linked.wat
;;! link: left left.linked.wat
;;! link: leaf leaf.linked.wat
;;! invoke: value
;;! stdout: "15\n"
;; main -> end -> left -> leaf
(module
  (import "end" "value" (func $value (result i32)))
  (export "value" (func $value)))
