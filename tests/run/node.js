// Runs a module with node: standard output, `proc_exit`, and 134 for what leaves it as a trap or as an exception.
"use strict";
const fs = require("fs");
class Exit extends Error {}
let memory;
const wasi = {
  fd_write(fd, vectors, count, written) {
    const view = new DataView(memory.buffer);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const at = view.getUint32(vectors + 8 * i, true), length = view.getUint32(vectors + 8 * i + 4, true);
      fs.writeSync(fd, new Uint8Array(memory.buffer, at, length));
      sum += length;
    }
    view.setUint32(written, sum, true);
    return 0;
  },
  proc_exit(status) {
    process.exitCode = status;
    throw new Exit();
  },
};
const module_ = new WebAssembly.Module(fs.readFileSync(process.argv[2]));
try {
  const instance = new WebAssembly.Instance(module_, { wasi_snapshot_preview1: wasi });
  memory = instance.exports.memory;
  instance.exports._start();
} catch (error) {
  if (error instanceof Exit) return;
  console.error(String(error));
  process.exitCode = error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception ? 134 : 1;
}
