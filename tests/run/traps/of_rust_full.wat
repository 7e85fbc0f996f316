;;! env: NATIVIZE_BACKTRACE=full
;;! exit: 134
;;! stderr-contains: "__rust_start_panic"
;;! stderr-contains: "std::sys::backtrace::__rust_begin_short_backtrace "
;;! stderr-lacks: "of Rust itself"
(module
  (func $abort (unreachable))
  (func $__rust_start_panic (call $abort))
  (func $std::sys::backtrace::__rust_end_short_backtrace::<F> (call $__rust_start_panic))
  (func $culprit (call $std::sys::backtrace::__rust_end_short_backtrace::<F>))
  (func $_ZN3std3sys9backtrace28__rust_begin_short_backtrace17h3f3d0e1d5a3b1c2dE (call $culprit))
  (func (export "_start") (call $_ZN3std3sys9backtrace28__rust_begin_short_backtrace17h3f3d0e1d5a3b1c2dE)))
