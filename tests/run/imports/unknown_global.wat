;; Only functions can trap: another import that nothing provides is refused.
;;! unknown-imports: trap
;;! error: "unknown import"
(module
  (import "env" "global" (global i32))
  (func (export "_start")))
