;;! file: in.txt "secret"
;;! exit: 8
;; Without --dir there is no descriptor 3: EBADF.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "in.txt")
  (func (export "_start")
    (if (i32.ne (call $prestat (i32.const 3) (i32.const 64)) (i32.const 8)) (then unreachable))
    (call $proc_exit
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 6) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64)))))
