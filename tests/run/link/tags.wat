;;! link: catcher tag_catcher.linked.wat
;;! link: tags tags.linked.wat
;;! exit: 134
;;! stderr-contains: "wasm trap: uncaught exception (first: i32 7)"
;;! stderr-contains: "0: tags!throw (wasm function 0)"
;;! stderr-contains: "1: _start (wasm function 3)"
;; A tag is the same for all who import it, also by another name, and another one than its twin. What nobody catches names
;; the tag by where it is from.
(module
  (import "tags" "first" (tag $first (param i32)))
  (import "tags" "second" (tag $second (param i32)))
  (import "catcher" "first again" (tag $first_again (param i32)))
  (import "tags" "throw" (func $throw (param i32 i32)))
  (import "catcher" "catch_first" (func $catch_first (param i32) (result i32)))
  (tag $own (param i32))
  (func $check (param i32 i32) (if (i32.ne (local.get 0) (local.get 1)) (then (unreachable))))
  (func (export "_start")
    (call $check (call $catch_first (i32.const 0)) (i32.const 5))
    ;; It passes the other module's handler.
    (call $check
      (block $caught (result i32)
        (try_table (catch $own $caught) (catch $first $caught) (catch $second $caught)
          (drop (call $catch_first (i32.const 1))))
        (unreachable))
      (i32.const 5))
    (call $check
      (block $caught (result i32)
        (try_table (catch $own $caught) (catch $second $caught) (catch $first_again $caught)
          (call $throw (i32.const 0) (i32.const 6)))
        (unreachable))
      (i32.const 6))
    (block $caught (result i32)
      (try_table (catch $own $caught) (catch $second $caught) (call $throw (i32.const 0) (i32.const 7)))
      (unreachable))
    drop))
