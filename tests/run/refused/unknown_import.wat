;;! error: "does_not_exist"
(module (import "env" "does_not_exist" (func)) (func (export "_start")))
