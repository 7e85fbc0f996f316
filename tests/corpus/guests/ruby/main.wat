;; Starts Ruby, which is a library, and runs /work/report.rb. The exit status is 1 if an exception leaves the script.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  ;; WASI's functions act on the memory that their caller exports.
  (import "ruby" "memory" (memory 1))
  (export "memory" (memory 0))
  (import "ruby" "cabi_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
  (import "ruby" "ruby-init: func(args: list<string>) -> ()" (func $init (param i32 i32)))
  (import "ruby" "ruby-init-loadpath: func() -> ()" (func $init_loadpath))
  (import "ruby" "rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>"
    (func $eval (param i32 i32) (result i32)))
  ;; Strings for C, as the initialization expects them.
  (data $arguments "ruby\00-EUTF-8\00-e_=0\00")
  (data $script
    "begin\n"
    "  load '/work/report.rb'\n"
    "rescue Exception => error\n"
    "  $stderr.puts error.full_message\n"
    "  raise\n"
    "ensure\n"
    "  $stdout.flush\n"
    "end\n")
  (func $allocate (param $bytes i32) (result i32)
    (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (local.get $bytes)))
  ;; An element of a list of strings.
  (func $string (param $at i32) (param $text i32) (param $length i32)
    (i32.store (local.get $at) (local.get $text))
    (i32.store offset=4 (local.get $at) (local.get $length)))
  (func (export "_start") (local $text i32) (local $list i32)
    (local.set $text (call $allocate (i32.const 19)))
    (memory.init $arguments (local.get $text) (i32.const 0) (i32.const 19))
    (local.set $list (call $allocate (i32.const 24)))
    (call $string (local.get $list) (local.get $text) (i32.const 5))
    (call $string (i32.add (local.get $list) (i32.const 8)) (i32.add (local.get $text) (i32.const 5)) (i32.const 8))
    (call $string (i32.add (local.get $list) (i32.const 16)) (i32.add (local.get $text) (i32.const 13)) (i32.const 6))
    (call $init (local.get $list) (i32.const 3))
    (call $init_loadpath)
    (local.set $text (call $allocate (i32.const 126)))
    (memory.init $script (local.get $text) (i32.const 0) (i32.const 126))
    ;; A handle of the value, and 0 unless an exception came.
    (if (i32.load offset=4 (call $eval (local.get $text) (i32.const 126)))
      (then (call $proc_exit (i32.const 1))))))
