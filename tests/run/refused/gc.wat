;;! error: "unsupported feature: garbage collection"
;; Valid, but it needs a proposal that is not supported: the message names it.
(module
  (func (export "_start")
    (drop (ref.i31 (i32.const 1)))))
