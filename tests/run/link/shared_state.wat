;;! link: user user.linked.wat
;;! link: print print.linked.wat
;;! link: state state.linked.wat
;;! stdout: "657\n"
;; Two modules share a memory, a table and a global of a third; the order of the links does not matter.
(module
  (type $digit (func (param i32)))
  (import "state" "memory" (memory 1))
  (import "state" "table" (table $table 4 funcref))
  (import "state" "counter" (global $counter (mut i32)))
  (import "user" "add" (func $add (param i32)))
  (import "print" "digit" (func $print (param i32)))
  (import "print" "character" (func $character (param i32)))
  (export "memory" (memory 0))
  (data (i32.const 101) "\07")
  (func (export "_start")
    (call $add (i32.const 3))
    (call $print (global.get $counter))
    (call_indirect $table (type $digit) (i32.const 100) (i32.const 2))
    (call_indirect $table (type $digit) (i32.const 101) (i32.const 2))
    (call $character (i32.const 10))))
