;;! link: everything everything.linked.wat
;;! error: "import \"everything\" \"func\": incompatible import type: expected memory 1.., found func (i32) -> (i64)"
(module
  (import "everything" "func" (memory 1))
  (func (export "_start")))
