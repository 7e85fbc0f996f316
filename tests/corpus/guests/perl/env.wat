;; What the package's JavaScript gives to Perl: functions of JavaScript, of which there are none here.
(module
  (func (export "call_host_function") (param i32 i32 i32) (result i32) unreachable))
