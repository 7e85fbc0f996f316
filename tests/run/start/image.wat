;;! exit: 0
;; The memory's image: full pages, a page in part, pages between them, writable and private to each run.
(module
  (memory 64)
  (data (i32.const 0) "start")
  (data (i32.const 0x20ffe) "across a page")
  (data (i32.const 0x3ffff8) "the end.")
  (func $check (param i64 i64) (if (i64.ne (local.get 0) (local.get 1)) (then unreachable)))
  (func (export "_start")
    (call $check (i64.load (i32.const 0)) (i64.const 0x7472617473))
    (call $check (i64.load (i32.const 0x20ffe)) (i64.const 0x61_2073_736f_7263_61))
    (call $check (i64.load (i32.const 0x2100b)) (i64.const 0))
    (call $check (i64.load (i32.const 0x3ffff8)) (i64.const 0x2e_646e_6520_6568_74))
    (call $check (i64.load (i32.const 0x10000)) (i64.const 0))
    (i64.store (i32.const 0) (i64.const -1))
    (call $check (i64.load (i32.const 0)) (i64.const -1))
    (i64.store (i32.const 0x10000) (i64.const -1))
    (call $check (i64.load (i32.const 0xfffc)) (i64.const 0xffffffff00000000))))
