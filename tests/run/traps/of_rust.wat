;;! exit: 134
;;! stderr-contains: "    0: abort (wasm function 0) at offset "
;;! stderr-contains: "\n    ... 2 frames of Rust itself (all: NATIVIZE_BACKTRACE=full)\n    3: core::panicking::panic"
;;! stderr-contains: "\n    4: culprit"
;;! stderr-contains: "\n    ... 2 frames of Rust itself (all: NATIVIZE_BACKTRACE=full)\n"
;;! stderr-lacks: "start_panic"
;;! stderr-lacks: "lang_start"
;;! stderr-lacks: "_short_backtrace"
;; What stands before and behind the marks that Rust's own backtraces know is not the program's.
(module
  (func $abort (unreachable))
  (func $__rust_start_panic (call $abort))
  (func $std::sys::backtrace::__rust_end_short_backtrace::<F> (call $__rust_start_panic))
  (func $core::panicking::panic (call $std::sys::backtrace::__rust_end_short_backtrace::<F>))
  (func $culprit (call $core::panicking::panic))
  (func $_ZN3std3sys9backtrace28__rust_begin_short_backtrace17h3f3d0e1d5a3b1c2dE (call $culprit))
  (func $std::rt::lang_start (export "_start") (call $_ZN3std3sys9backtrace28__rust_begin_short_backtrace17h3f3d0e1d5a3b1c2dE)))
