;;! exit: 134
;;! stderr-contains: "hello::world"
;;! stderr-contains: "shapes::Circle::area(int) const"
;;! stderr-lacks: "_ZN"
;; Names of Rust and C++ are shown as they were written.
(module
  (func $_ZN5hello5world17h0123456789abcdefE unreachable)
  (func $_ZNK6shapes6Circle4areaEi (call $_ZN5hello5world17h0123456789abcdefE) (call $_ZN5hello5world17h0123456789abcdefE))
  (func (export "_start") (call $_ZNK6shapes6Circle4areaEi) (call $_ZNK6shapes6Circle4areaEi)))
