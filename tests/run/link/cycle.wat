;;! link: ping ping.linked.wat
;;! link: pong pong.linked.wat
;;! error: "in a cycle: \"ping\" imports from \"pong\", which imports from \"ping\""
(module
  (import "ping" "f" (func $f))
  (func (export "_start") (call $f)))
