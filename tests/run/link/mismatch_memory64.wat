;;! link: everything everything.linked.wat
;;! error: "import \"everything\" \"memory\": incompatible import type: expected memory i64 1.., found memory 1..4"
(module
  (import "everything" "memory" (memory i64 1))
  (func (export "_start")))
