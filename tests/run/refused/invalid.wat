;;! error: "type mismatch"
(module (func (export "_start") (result i32) (i64.const 0)))
