;;! error: "func ((ref (func (i32) -> ()))) -> (), found func (i32) -> ()"
;; A type that an import refers to is spelled out.
(module
  (type $f (func (param i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param (ref $f))))
  (func (export "_start")))
