;;! link: state state.linked.wat
;;! error: "import \"state\" \"memory\": incompatible import type: expected memory 2..3, found memory 1..4"
(module
  (import "state" "memory" (memory 2 3))
  (func (export "_start")))
