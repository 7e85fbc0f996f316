;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
;; An active segment out of bounds is a trap of the program, not an error of the build.
(module
  (memory 1)
  (data (i32.const 0xffff) "ab")
  (func (export "_start")))
