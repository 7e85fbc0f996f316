;;! grant-dir: "." "/"
;;! file: a.txt aaaa
;;! file: b.txt bbbb
;; Threads open, read and close files at the same time: each reads what it has opened, whoever gets its number next, and a
;; descriptor that another thread closes while it is in use stays that file.
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1 2 shared)
  (data (i32.const 16) "a.txtb.txt")
  (func $check (param i32) (if (i32.eqz (local.get 0)) (then (unreachable))))

  ;; `$own` is 0 for a.txt and 1 for b.txt; `$at` is the thread's place in memory.
  (func $work (param $own i32) (param $at i32)
    (local $n i32) (local $fd i32) (local $expected i32) (local $error i32)
    (local.set $expected (select (i32.const 0x62626262) (i32.const 0x61616161) (local.get $own)))
    (loop $more
      (call $check (i32.eqz (call $open
        (i32.const 3) (i32.const 0)
        (i32.add (i32.const 16) (i32.mul (local.get $own) (i32.const 5))) (i32.const 5)
        (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (local.get $at))))
      (local.set $fd (i32.load (local.get $at)))
      (i32.store offset=16 (local.get $at) (i32.add (local.get $at) (i32.const 32)))
      (i32.store offset=20 (local.get $at) (i32.const 4))
      (i32.store offset=32 (local.get $at) (i32.const 0))
      ;; The number may be another thread's by now, if the meddler has closed it: then what is read is either file's, or it
      ;; is closed; a number is never of nothing sensible.
      (local.set $error (call $pread (local.get $fd)
        (i32.add (local.get $at) (i32.const 16)) (i32.const 1) (i64.const 0)
        (i32.add (local.get $at) (i32.const 24))))
      (if (i32.eqz (local.get $error))
        (then
          (if (i32.ne (i32.load offset=32 (local.get $at)) (local.get $expected))
            (then
              (call $check (i32.or
                (i32.eq (i32.load offset=32 (local.get $at)) (i32.const 0x61616161))
                (i32.eq (i32.load offset=32 (local.get $at)) (i32.const 0x62626262))))
              (call $check (i32.load (i32.const 8))))))
        (else
          (call $check (i32.eq (local.get $error) (i32.const 8)))
          (call $check (i32.load (i32.const 8)))))
      (drop (call $close (local.get $fd)))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 3000)))))

  ;; Closes numbers that others have opened.
  (func $meddle
    (local $n i32)
    (loop $more
      (drop (call $close (i32.add (i32.const 4) (i32.and (local.get $n) (i32.const 3)))))
      (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 5000)))))

  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (if (i32.eq (local.get $argument) (i32.const 9))
      (then (call $meddle))
      (else (call $work
        (i32.and (local.get $argument) (i32.const 1))
        (i32.add (i32.const 1024) (i32.mul (local.get $argument) (i32.const 64))))))
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))

  (func $join (param $total i32)
    (local $n i32)
    (loop $wait
      (local.set $n (i32.atomic.load (i32.const 0)))
      (if (i32.lt_u (local.get $n) (local.get $total))
        (then
          (drop (memory.atomic.wait32 (i32.const 0) (local.get $n) (i64.const -1)))
          (br $wait)))))

  (func (export "_start")
    ;; Without a meddler nobody sees another's file.
    (drop (call $spawn (i32.const 1)))
    (drop (call $spawn (i32.const 2)))
    (drop (call $spawn (i32.const 3)))
    (call $work (i32.const 0) (i32.const 1024))
    (call $join (i32.const 3))
    (i32.store (i32.const 8) (i32.const 1))
    (drop (call $spawn (i32.const 9)))
    (drop (call $spawn (i32.const 1)))
    (drop (call $spawn (i32.const 2)))
    (call $work (i32.const 0) (i32.const 1024))
    (call $join (i32.const 6))))
