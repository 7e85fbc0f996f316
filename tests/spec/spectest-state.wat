;; The table and the memory of `spectest`: modules that import one of them belong to one executable.
(module
  (table (export "table") 10 20 funcref)
  (memory (export "memory") 1 2))
