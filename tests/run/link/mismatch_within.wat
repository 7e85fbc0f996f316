;;! link: user bad_user.linked.wat
;;! link: leaf leaf.linked.wat
;;! error: "in linked module \"user\": import \"leaf\" \"value\": incompatible import type: expected func () -> (i64), found func () -> (i32)"
(module
  (import "user" "f" (func $f (result i64)))
  (func (export "_start")))
