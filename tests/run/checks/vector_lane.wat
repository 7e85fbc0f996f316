;;! exit: 134
;;! stderr-contains: "(2 bytes at address 0x10010, memory size 0x10000)"
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0x10008))
  (func (export "_start")
    (v128.store16_lane offset=8 3 (global.get $g) (v128.const i64x2 0 0))))
