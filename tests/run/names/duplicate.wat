;;! exit: 134
;;! stderr-contains: "twin"
;; Two functions of one name, and one named like the other's symbol could be.
(module
  (func $first (@name "twin") unreachable)
  (func $second (@name "twin") (call $first) (call $first))
  (func $third (@name "twin.1") (call $second) (call $second))
  (func (export "_start") (call $third) (call $third)))
