;;! link: everything everything.linked.wat
;;! error: "import \"everything\" \"table\": incompatible import type: expected table 3..5 funcref, found table 2..5 funcref"
(module
  (import "everything" "table" (table 3 5 funcref))
  (func (export "_start")))
