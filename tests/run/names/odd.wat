;;! exit: 134
;;! stderr-contains: "unreachable"
;;! stderr-contains: "größe λ"
;;! stderr-contains: "operator new[](unsigned long)"
;; Names with spaces, control characters, quotes, a NUL, nothing at all, and letters of other scripts.
(module
  (func $a (@name "") unreachable)
  (func $b (@name "with \22quotes\22 and\09tabs") (call $a) (call $a))
  (func $c (@name "line\0abreak and \1b[31mcolor") (call $b) (call $b))
  (func $d (@name "nul\00inside") (call $c) (call $c))
  (func $e (@name "größe λ") (call $d) (call $d))
  (func $f (@name "_Znam") (call $e) (call $e))
  (func $g (@name "../../etc/passwd %s %n {} $(id)") (call $f) (call $f))
  (func (export "_start") (call $g) (call $g)))
