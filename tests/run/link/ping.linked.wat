(module
  (import "pong" "f" (func $f))
  (export "f" (func $f)))
