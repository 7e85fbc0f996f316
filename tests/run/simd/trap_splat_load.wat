;; An offset that alone is beyond what guard pages cover.
;;! exit: 134
;;! stderr-contains: "out of bounds memory access"
(module
  (memory 1)
  (func (export "_start")
    (drop (v128.load16_splat offset=0xffffffff (i32.const 0)))))
