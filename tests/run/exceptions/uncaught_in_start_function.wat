;;! exit: 134
;;! stderr-contains: "wasm trap: uncaught exception (tag 1: f64 0x3ff0000000000000)"
;; A tag without a name is known by its index; a start function is no place to catch.
(module
  (tag) (tag (param f64))
  (func $start (throw 1 (f64.const 1)))
  (start $start)
  (func (export "_start")))
