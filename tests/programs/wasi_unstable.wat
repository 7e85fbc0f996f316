;; The four functions of wasi_unstable whose numbers or layouts preview 1 changed, and one that it did not: prints a
;; line of hexadecimal digits for each.
(module
  (import "wasi_unstable" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_filestat_get" (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_unstable" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "path_filestat_get" (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_filestat_set_times" (func $fd_filestat_set_times (param i32 i64 i64 i32) (result i32)))
  (import "wasi_unstable" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "unstable-file")
  (data (i32.const 64) "0123456789abcdef")
  (global $fd (mut i32) (i32.const 0))

  ;; Prints `value` as 16 digits and a newline.
  (func $print (param $value i64)
    (local $i i32)
    (local.set $i (i32.const 15))
    (loop $digits
      (i32.store8 (i32.add (i32.const 256) (local.get $i))
        (i32.load8_u (i32.add (i32.const 64) (i32.wrap_i64 (i64.and (local.get $value) (i64.const 15))))))
      (local.set $value (i64.shr_u (local.get $value) (i64.const 4)))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br_if $digits (i32.ge_s (local.get $i) (i32.const 0))))
    (i32.store8 (i32.const 272) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 256))
    (i32.store (i32.const 4) (i32.const 17))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $error (param $errno i32)
    (call $print (i64.extend_i32_u (local.get $errno))))

  (func $seek (param $offset i64) (param $whence i32)
    (call $error (call $fd_seek (global.get $fd) (local.get $offset) (local.get $whence) (i32.const 512)))
    (call $print (i64.load (i32.const 512))))

  ;; Prints what does not depend on the host: the type, the number of links, the size and the times set.
  (func $stat
    (call $print (i64.load (i32.const 528)))
    (call $print (i64.load (i32.const 536)))
    (call $print (i64.load (i32.const 544)))
    (call $print (i64.load (i32.const 552))))

  (func (export "_start")
    ;; creat and trunc; to be read and written
    (call $error (call $path_open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 13) (i32.const 9)
      (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 512)))
    (global.set $fd (i32.load (i32.const 512)))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 16))
    (call $error (call $fd_write (global.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $error (call $fd_filestat_set_times (global.get $fd) (i64.const 5000000007) (i64.const 6000000008) (i32.const 5)))
    (call $seek (i64.const -6) (i32.const 0))
    (call $seek (i64.const -1) (i32.const 1))
    (call $seek (i64.const 3) (i32.const 2))
    (call $error (call $fd_filestat_get (global.get $fd) (i32.const 512)))
    (call $stat)
    (i64.store (i32.const 536) (i64.const 0))
    (call $error (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 13) (i32.const 512)))
    (call $stat)
    ;; a file to be written
    (i64.store (i32.const 1024) (i64.const 0x22))
    (i32.store8 (i32.const 1032) (i32.const 2))
    (i32.store (i32.const 1040) (global.get $fd))
    (call $error (call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 512)))
    (call $error (i32.load (i32.const 512)))
    (call $print (i64.load (i32.const 2048)))
    (call $print (i64.load (i32.const 2056)))
    ;; a clock that takes a millisecond
    (i64.store (i32.const 1024) (i64.const 0x11))
    (i32.store8 (i32.const 1032) (i32.const 0))
    (i64.store (i32.const 1040) (i64.const 0x99))
    (i32.store (i32.const 1048) (i32.const 1))
    (i64.store (i32.const 1056) (i64.const 1000000))
    (call $error (call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 512)))
    (call $error (i32.load (i32.const 512)))
    (call $print (i64.load (i32.const 2048)))
    (call $print (i64.load (i32.const 2056)))))
