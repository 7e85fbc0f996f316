;; Active segments: order, overlap, and what an out-of-bounds one leaves behind.

(module
  (memory 1)
  (table 6 funcref)
  (data (i32.const 0) "aaaaaaaa")
  (data (i32.const 2) "bbbb")
  (data (i32.const 4) "cc")
  (data (i32.const 0xffff) "z")
  (data (i32.const 0x10000) "")
  (elem (i32.const 0) $zero $zero $zero)
  (elem (i32.const 1) $one)
  (elem (i32.const 5) $one)
  (func $zero (result i32) (i32.const 0))
  (func $one (result i32) (i32.const 1))
  (func (export "load") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))

(assert_return (invoke "load" (i32.const 0)) (i64.const 0x6161636362626161))
(assert_return (invoke "byte" (i32.const 0xffff)) (i32.const 0x7a))
(assert_return (invoke "call" (i32.const 0)) (i32.const 0))
(assert_return (invoke "call" (i32.const 1)) (i32.const 1))
(assert_return (invoke "call" (i32.const 2)) (i32.const 0))
(assert_trap (invoke "call" (i32.const 3)) "uninitialized element")
(assert_return (invoke "call" (i32.const 5)) (i32.const 1))

;; What came before the segment that traps stays; element segments come before data segments, the start function last.
(module $Host
  (memory (export "memory") 1)
  (table (export "table") 4 funcref)
  (global (export "count") (mut i32) (i32.const 0))
  (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))
(register "host" $Host)

(assert_trap
  (module
    (import "host" "memory" (memory 1))
    (import "host" "table" (table 4 funcref))
    (import "host" "count" (global $count (mut i32)))
    (func $f (result i32) (i32.const 23))
    (func $start (global.set $count (i32.const 1)))
    (elem (i32.const 1) $f)
    (data (i32.const 8) "x")
    (data (i32.const 0x10000) "y")
    (data (i32.const 9) "z")
    (start $start))
  "out of bounds memory access")
(assert_return (invoke $Host "call" (i32.const 1)) (i32.const 23))
(assert_return (invoke $Host "byte" (i32.const 8)) (i32.const 0x78))
(assert_return (invoke $Host "byte" (i32.const 9)) (i32.const 0))
(assert_return (get $Host "count") (i32.const 0))

(assert_trap
  (module
    (import "host" "memory" (memory 1))
    (import "host" "table" (table 4 funcref))
    (func $f (result i32) (i32.const 24))
    (elem (i32.const 2) $f)
    (elem (i32.const 4) $f)
    (elem (i32.const 3) $f)
    (data (i32.const 10) "x"))
  "out of bounds table access")
(assert_return (invoke $Host "call" (i32.const 2)) (i32.const 24))
(assert_trap (invoke $Host "call" (i32.const 3)) "uninitialized element")
(assert_return (invoke $Host "byte" (i32.const 10)) (i32.const 0))

;; A segment in part out of bounds writes nothing.
(assert_trap
  (module (import "host" "memory" (memory 1)) (data (i32.const 0xfffe) "abc"))
  "out of bounds memory access")
(assert_return (invoke $Host "byte" (i32.const 0xfffe)) (i32.const 0))
(assert_trap
  (module (import "host" "memory" (memory 1)) (data (i32.const -1) "ab"))
  "out of bounds memory access")

(assert_trap
  (module
    (import "host" "count" (global $count (mut i32)))
    (memory 0)
    (func $start
      (global.set $count (i32.const 7))
      (i32.store (i32.const 0) (i32.const 1)))
    (start $start))
  "out of bounds memory access")
(assert_return (get $Host "count") (i32.const 7))

;; Offsets from globals and constant expressions.
(module
  (import "spectest" "global_i32" (global $g i32))
  (global $h i32 (i32.add (global.get $g) (i32.const 2)))
  (memory 1)
  (data (global.get $g) "q")
  (data (i32.sub (global.get $h) (i32.const 1)) "r")
  (data (global.get $h) "s")
  (func (export "load") (result i32) (i32.load (i32.const 666))))
(assert_return (invoke "load") (i32.const 0x737271))

;; Far apart, as sparse images are; the first page stays untouched.
(module
  (memory 1024)
  (data (i32.const 0x10001) "a")
  (data (i32.const 0x1ffffff) "bc")
  (data (i32.const 0x3fffff8) "\01\02\03\04\05\06\07\08")
  (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "load") (param i32) (result i64) (i64.load (local.get 0))))
(assert_return (invoke "byte" (i32.const 0)) (i32.const 0))
(assert_return (invoke "byte" (i32.const 0x10000)) (i32.const 0))
(assert_return (invoke "byte" (i32.const 0x10001)) (i32.const 0x61))
(assert_return (invoke "byte" (i32.const 0x1ffffff)) (i32.const 0x62))
(assert_return (invoke "byte" (i32.const 0x2000000)) (i32.const 0x63))
(assert_return (invoke "load" (i32.const 0x3fffff8)) (i64.const 0x0807060504030201))

;; Dropped and passive segments.
(module
  (memory 1)
  (data $passive "hello")
  (data $active (i32.const 100) "world")
  (func (export "init") (param i32 i32 i32) (memory.init $passive (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init-active") (param i32 i32 i32) (memory.init $active (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (data.drop $passive))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))
(assert_return (invoke "init" (i32.const 0) (i32.const 1) (i32.const 4)))
(assert_return (invoke "load" (i32.const 0)) (i32.const 0x6f6c6c65))
(assert_trap (invoke "init" (i32.const 0) (i32.const 2) (i32.const 4)) "out of bounds memory access")
(assert_trap (invoke "init" (i32.const 0xfffd) (i32.const 0) (i32.const 4)) "out of bounds memory access")
(assert_trap (invoke "init" (i32.const 0) (i32.const -1) (i32.const 2)) "out of bounds memory access")
(assert_trap (invoke "init-active" (i32.const 0) (i32.const 0) (i32.const 1)) "out of bounds memory access")
(assert_return (invoke "init-active" (i32.const 0x10000) (i32.const 0) (i32.const 0)))
(assert_return (invoke "drop"))
(assert_return (invoke "drop"))
(assert_trap (invoke "init" (i32.const 0) (i32.const 0) (i32.const 1)) "out of bounds memory access")
(assert_return (invoke "init" (i32.const 0) (i32.const 0) (i32.const 0)))
(assert_return (invoke "load" (i32.const 0)) (i32.const 0x6f6c6c65))
