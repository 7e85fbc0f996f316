;; Starts Perl, which is a library, and runs /work/report.pl. If the script dies, its last words go to standard error and the
;; exit status is 1.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  ;; WASI's functions act on the memory that their caller exports.
  (import "perl" "memory" (memory 1))
  (export "memory" (memory 0))
  (import "perl" "malloc" (func $malloc (param i32) (result i32)))
  (import "perl" "zeroperl_init" (func $init (result i32)))
  (import "perl" "zeroperl_run_file" (func $run_file (param i32 i32 i32) (result i32)))
  (import "perl" "zeroperl_flush" (func $flush (result i32)))
  (import "perl" "zeroperl_last_error" (func $last_error (result i32)))
  (data $path "/work/report.pl\00")
  ;; Writes the text that ends with a zero byte; one vector of bytes and their count are at $at.
  (func $complain (param $at i32) (param $text i32) (local $end i32)
    (local.set $end (local.get $text))
    (loop $more
      (local.set $end (i32.add (local.get $end) (i32.const 1)))
      (br_if $more (i32.load8_u (local.get $end))))
    (i32.store (local.get $at) (local.get $text))
    (i32.store offset=4 (local.get $at) (i32.sub (local.get $end) (local.get $text)))
    (drop (call $fd_write (i32.const 2) (local.get $at) (i32.const 1) (i32.add (local.get $at) (i32.const 8)))))
  (func (export "_start") (local $path i32) (local $failed i32)
    (if (call $init) (then (call $proc_exit (i32.const 2))))
    (local.set $path (call $malloc (i32.const 16)))
    (memory.init $path (local.get $path) (i32.const 0) (i32.const 16))
    (local.set $failed (call $run_file (local.get $path) (i32.const 0) (i32.const 0)))
    (drop (call $flush))
    (if (local.get $failed)
      (then
        (call $complain (local.get $path) (call $last_error))
        (call $proc_exit (i32.const 1))))))
