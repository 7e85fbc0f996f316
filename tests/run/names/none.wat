;;! exit: 134
;;! stderr-contains: "unreachable"
;;! stderr-contains: "0"
;; Without a name section, functions are known by their numbers.
(module binary
  "\00asm\01\00\00\00"
  "\01\04\01\60\00\00"
  "\03\03\02\00\00"
  "\07\0a\01\06_start\00\01"
  "\0a\0c\02\03\00\00\0b\06\00\10\00\10\00\0b")
