;;! exit: 134
;;! stderr-contains: "wasm trap: uncaught exception (oh: i32 1)"
;; A handler that throws its exception again is passed like none, and so is one that delegates to the caller.
(module
  (tag $oh (export "oh") (param i32))
  (tag $other)
  (func $thrower (throw $oh (i32.const 1)))
  (func $delegates
    try
      call $thrower
    delegate 0)
  (func (export "_start")
    try
      try
        call $delegates
      catch $other
      end
    catch_all
      rethrow 0
    end))
