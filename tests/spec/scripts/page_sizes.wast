;; Memories whose size is not that of whole pages of the machine.

(module
  (memory (export "memory") 5 8192 (pagesize 1))
  (data (i32.const 1) "abcd")
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "load32") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "load32+1") (param i32) (result i32) (i32.load offset=1 (local.get 0)))
  (func (export "store16") (param i32 i32) (i32.store16 (local.get 0) (local.get 1)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2))))

(assert_return (invoke "size") (i32.const 5))
(assert_return (invoke "load8" (i32.const 4)) (i32.const 100))
;; The machine's page goes on.
(assert_trap (invoke "load8" (i32.const 5)) "out of bounds memory access")
(assert_trap (invoke "load8" (i32.const 4095)) "out of bounds memory access")
(assert_trap (invoke "load8" (i32.const -1)) "out of bounds memory access")
(assert_return (invoke "load32" (i32.const 1)) (i32.const 0x64636261))
(assert_trap (invoke "load32" (i32.const 2)) "out of bounds memory access")
(assert_return (invoke "load32+1" (i32.const 0)) (i32.const 0x64636261))
(assert_trap (invoke "load32+1" (i32.const 1)) "out of bounds memory access")
(assert_trap (invoke "load32+1" (i32.const -1)) "out of bounds memory access")
(assert_trap (invoke "store16" (i32.const 4) (i32.const -1)) "out of bounds memory access")
(assert_return (invoke "load8" (i32.const 4)) (i32.const 100))
(assert_trap (invoke "fill" (i32.const 0) (i32.const 1) (i32.const 6)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 1)) (i32.const 5))
(assert_return (invoke "load8" (i32.const 5)) (i32.const 0))
(assert_return (invoke "store16" (i32.const 4) (i32.const -1)))
(assert_trap (invoke "load8" (i32.const 6)) "out of bounds memory access")
;; Across the end of the machine's page, by ones and by many.
(assert_return (invoke "grow" (i32.const 4090)) (i32.const 6))
(assert_return (invoke "load8" (i32.const 4095)) (i32.const 0))
(assert_trap (invoke "load8" (i32.const 4096)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 1)) (i32.const 4096))
(assert_return (invoke "load8" (i32.const 4096)) (i32.const 0))
(assert_trap (invoke "load8" (i32.const 4097)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 4096)) (i32.const -1))
(assert_return (invoke "grow" (i32.const 4095)) (i32.const 4097))
(assert_return (invoke "fill" (i32.const 0) (i32.const 7) (i32.const 8192)))
(assert_return (invoke "load8" (i32.const 8191)) (i32.const 7))
(assert_trap (invoke "load8" (i32.const 8192)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 1)) (i32.const -1))

;; The largest size is one that an i32 can count.
(module
  (memory 0 (pagesize 1))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (memory.size))
  (func (export "load8") (param i32) (result i32) (i32.load8_u (local.get 0))))
(assert_trap (invoke "load8" (i32.const 0)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const -1)) (i32.const 0))
(assert_return (invoke "size") (i32.const -1))
(assert_return (invoke "load8" (i32.const 0xfffffffe)) (i32.const 0))
(assert_trap (invoke "load8" (i32.const 0xffffffff)) "out of bounds memory access")
(assert_return (invoke "grow" (i32.const 1)) (i32.const -1))

;; Segments end where the memory does.
(assert_trap (module (memory 3 (pagesize 1)) (data (i32.const 1) "abc")) "out of bounds memory access")
(module (memory 3 (pagesize 1)) (data (i32.const 0) "abc"))

;; With 64-bit indices, and beside an ordinary memory.
(module
  (memory $bytes i64 10 (pagesize 1))
  (memory $pages 1)
  (data (memory $pages) (i32.const 0) "0123456789")
  (func (export "copy") (param i64 i32 i32) (memory.copy $bytes $pages (local.get 0) (local.get 1) (local.get 2)))
  (func (export "load") (param i64) (result i32) (i32.load8_u $bytes (local.get 0)))
  (func (export "grow") (param i64) (result i64) (memory.grow $bytes (local.get 0))))
(assert_return (invoke "copy" (i64.const 0) (i32.const 0) (i32.const 10)))
(assert_trap (invoke "copy" (i64.const 1) (i32.const 0) (i32.const 10)) "out of bounds memory access")
(assert_return (invoke "load" (i64.const 9)) (i32.const 57))
(assert_trap (invoke "load" (i64.const 10)) "out of bounds memory access")
(assert_return (invoke "grow" (i64.const 0x400000000)) (i64.const -1))
(assert_return (invoke "grow" (i64.const -1)) (i64.const -1))
(assert_return (invoke "grow" (i64.const 1)) (i64.const 10))
(assert_return (invoke "load" (i64.const 10)) (i32.const 0))

;; The page size is part of the type that an import must have.
(module (memory (export "bytes") 65536 (pagesize 1)))
(register "exports")
(module (import "exports" "bytes" (memory 1 (pagesize 1))))
(assert_unlinkable (module (import "exports" "bytes" (memory 1))) "incompatible import type")
