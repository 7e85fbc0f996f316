;;! exit: 134
;;! stderr-contains: "call stack exhausted"
(module
  (func $again (result i32) (i32.add (i32.const 1) (call $again)))
  (func $on_start (drop (call $again)))
  (start $on_start)
  (func (export "_start")))
