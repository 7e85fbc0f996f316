;;! exit: 134
;;! stderr-contains: "unreachable"
;; A name section whose names are not UTF-8, and is cut short: names are lost, the program is not.
(module
  (func unreachable)
  (func (export "_start") (call 0) (call 0))
  (@custom "name" "\01\0c\02\00\03a\ffb\01\04\c3\28\80x")
  (@custom "name" "\01\7f\05"))
