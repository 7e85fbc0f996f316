;; The table and the memories of `spectest`: modules that import one of them belong to one executable.
(module
  (table (export "table") 10 20 funcref)
  (memory (export "memory") 1 2)
  (memory (export "shared_memory") 1 2 shared))
