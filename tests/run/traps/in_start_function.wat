;;! exit: 134
;;! stderr-contains: "unreachable"
;;! stderr-contains: "on_start"
(module
  (func $on_start unreachable)
  (start $on_start)
  (func (export "_start")))
