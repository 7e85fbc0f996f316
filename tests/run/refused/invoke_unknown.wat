;;! invoke: absent
;;! error: "_start"
(module (func (export "run")))
