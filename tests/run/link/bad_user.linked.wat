(module
  (import "leaf" "value" (func $f (result i64)))
  (export "f" (func $f)))
