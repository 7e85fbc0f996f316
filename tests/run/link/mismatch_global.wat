;;! link: everything everything.linked.wat
;;! error: "import \"everything\" \"global\": incompatible import type: expected global i32, found global mut i32"
(module
  (import "everything" "global" (global i32))
  (func (export "_start")))
