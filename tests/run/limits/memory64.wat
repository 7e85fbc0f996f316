;;! error: "a memory begins with 281474976710656 pages of 65536 bytes; at most 16 GiB are supported"
(module
  (memory i64 0x1000000000000)
  (func (export "_start")))
