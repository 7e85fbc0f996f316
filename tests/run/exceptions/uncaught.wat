;;! exit: 134
;;! stderr-contains: "wasm trap: uncaught exception (oh: i32 1)"
;;! stderr-contains: "0: thrower (wasm function 0)"
;;! stderr-contains: "1: other (wasm function 1)"
;; Nothing catches it: the trap names the tag, and the backtrace begins at the throw.
(module
  (tag $oh (export "oh no") (param i32))
  (tag $other)
  (func $thrower (export "thrower") (throw $oh (i32.const 1)))
  (func $other (export "other")
    (block $caught
      (try_table (catch $other $caught) (call $thrower))
      (return)))
  (func (export "_start") (call $other)))
