;; What a linked module does not export is not provided either.
;;! unknown-imports: trap
;;! link: env unknown_linked.linked.wat
;;! exit: 134
;;! stderr-contains: "wasm trap: unknown import called: env.other\n"
(module
  (import "env" "some" (func $some))
  (import "env" "other" (func $other))
  (func (export "_start") (call $some) (call $other)))
