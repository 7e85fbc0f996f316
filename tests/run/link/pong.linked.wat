(module
  (import "ping" "f" (func $f))
  (export "f" (func $f)))
