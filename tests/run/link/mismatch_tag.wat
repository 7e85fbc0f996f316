;;! link: everything everything.linked.wat
;;! error: "import \"everything\" \"tag\": incompatible import type: expected tag (i32), found tag (i32, f64)"
(module
  (import "everything" "tag" (tag (param i32)))
  (func (export "_start")))
