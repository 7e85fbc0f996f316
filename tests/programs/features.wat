;; Multi-value blocks, bulk memory, reference types, sign extension and saturating conversions in one command that prints
;; a line of digits, one for each check: 1 when it holds.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 64))
  (table $callees 4 8 funcref)
  (table $handles 2 externref)
  (type $binary (func (param i32 i32) (result i32)))
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (elem $late func $add $sub)
  (data $passive "bulk")

  (func $check (param $holds i32)
    (i32.store8 (global.get $next) (i32.add (i32.const 48) (i32.ne (local.get $holds) (i32.const 0))))
    (global.set $next (i32.add (global.get $next) (i32.const 1))))

  (func $divmod (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_u (local.get $a) (local.get $b))
    (i32.rem_u (local.get $a) (local.get $b)))

  (func (export "_start") (local $counter i32) (local $sum i32)
    ;; Two results of a call, then two parameters of a block.
    (call $divmod (i32.const 47) (i32.const 9))
    (block (param i32 i32) (result i32)
      (i32.add (i32.mul (i32.const 10))))
    (call $check (i32.eq (i32.const 25)))
    ;; A loop whose two parameters carry a counter and a sum.
    (i32.const 10)
    (i32.const 0)
    (loop $again (param i32 i32) (result i32)
      (local.set $sum)
      (local.set $counter)
      (i32.sub (local.get $counter) (i32.const 1))
      (i32.add (local.get $sum) (local.get $counter))
      (br_if $again (i32.gt_u (local.get $counter) (i32.const 1)))
      (local.set $sum)
      (drop)
      (local.get $sum))
    (call $check (i32.eq (i32.const 55)))
    ;; memory.init, memory.copy with an overlap, memory.fill.
    (memory.init $passive (i32.const 512) (i32.const 0) (i32.const 4))
    (data.drop $passive)
    (memory.copy (i32.const 513) (i32.const 512) (i32.const 4))
    (call $check (i32.eq (i32.load (i32.const 513)) (i32.const 0x6b6c7562)))
    (memory.fill (i32.const 600) (i32.const 0x5a) (i32.const 7))
    (call $check (i64.eq (i64.load (i32.const 600)) (i64.const 0x005a5a5a5a5a5a5a)))
    ;; table.init, table.copy, table.grow, table.get and a call through each.
    (table.init $callees $late (i32.const 0) (i32.const 0) (i32.const 2))
    (table.copy $callees $callees (i32.const 2) (i32.const 0) (i32.const 2))
    (call $check (i32.eq (call_indirect $callees (type $binary) (i32.const 7) (i32.const 3) (i32.const 2)) (i32.const 10)))
    (call $check (i32.eq (call_indirect $callees (type $binary) (i32.const 7) (i32.const 3) (i32.const 3)) (i32.const 4)))
    (call $check (i32.eq (table.grow $callees (ref.func $sub) (i32.const 2)) (i32.const 4)))
    (call $check (i32.eq (table.size $callees) (i32.const 6)))
    (call $check (i32.eq (table.grow $callees (ref.null func) (i32.const 3)) (i32.const -1)))
    (call $check (ref.is_null (table.get $handles (i32.const 1))))
    (call $check (i32.eqz (ref.is_null (table.get $callees (i32.const 5)))))
    ;; Sign extension and saturation.
    (call $check (i32.eq (i32.extend8_s (i32.const 0x180)) (i32.const -128)))
    (call $check (i64.eq (i64.extend32_s (i64.const 0xffffffff)) (i64.const -1)))
    (call $check (i32.eq (i32.trunc_sat_f64_s (f64.const 1e300)) (i32.const 0x7fffffff)))
    (call $check (i64.eq (i64.trunc_sat_f32_u (f32.const nan)) (i64.const 0)))
    ;; memory.grow gives the old size, and the new page is zero.
    (call $check (i32.eq (memory.grow (i32.const 1)) (i32.const 1)))
    (call $check (i64.eqz (i64.load (i32.const 131064))))

    (i32.store8 (global.get $next) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.sub (global.get $next) (i32.const 63)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
)
