;;! error: "exceed 2 GiB"
;; The size in bytes does not fit 64 bits.
(module
  (table i64 0x2000000000000001 funcref)
  (table 2 funcref (ref.func 0))
  (func)
  (func (export "_start")))
