;;! link: everything everything.linked.wat
;;! error: "import \"everything\" \"table\": incompatible import type: expected table 2.. externref, found table 2..5 funcref"
(module
  (import "everything" "table" (table 2 externref))
  (func (export "_start")))
