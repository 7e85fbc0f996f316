;;! exit: 134
;;! stderr-contains: "wasm trap: null reference"
;; Throwing null is a trap, which nothing catches.
(module
  (func (export "_start")
    (block $caught
      (try_table (catch_all $caught) (throw_ref (ref.null exn))))))
