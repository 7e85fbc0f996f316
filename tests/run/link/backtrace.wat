;;! link: print print.linked.wat
;;! link: state state.linked.wat
;;! link: user user.linked.wat
;;! exit: 134
;;! stderr-contains: "0: user!trap (wasm function 2)"
;;! stderr-contains: "1: middle (wasm function "
;;! stderr-lacks: "of instance"
;; Names in a backtrace say which module they are of.
(module
  (type $trap (func))
  (import "user" "add" (func (param i32)))
  (import "state" "table" (table $table 4 funcref))
  (func $middle
    (call_indirect $table (type $trap) (i32.const 3)))
  (func (export "_start") (call $middle) (call $middle)))
