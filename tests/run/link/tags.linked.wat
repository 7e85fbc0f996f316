;; Two tags of one type, and a function that throws either.
(module
  (tag $first (export "first") (param i32))
  (tag $second (export "second") (param i32))
  (func (export "throw") (param $second i32) (param $value i32)
    (if (local.get $second) (then (throw $second (local.get $value))))
    (throw $first (local.get $value))))
