;;! link: everything everything.linked.wat
;;! error: "import \"everything\" \"func\": incompatible import type: expected func (i32) -> (i32), found func (i32) -> (i64)"
(module
  (import "everything" "func" (func (param i32) (result i32)))
  (func (export "_start")))
