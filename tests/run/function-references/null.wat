;;! exit: 134
;;! stderr-contains: "null function reference"
;;! stderr-contains: "caller"
(module
  (type $f (func))
  (func $caller (param (ref null $f)) (call_ref $f (local.get 0)))
  (func (export "_start") (call $caller (ref.null $f))))
