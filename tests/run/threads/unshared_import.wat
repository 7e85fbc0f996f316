;;! error: "unknown import: nothing provides memory 1..2"
;; Only a shared memory is the host's to provide.
(module
  (memory (import "env" "memory") 1 2)
  (func (export "_start")))
