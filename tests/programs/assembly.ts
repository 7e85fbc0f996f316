// Classes, arrays, maps, strings and typed arrays in AssemblyScript, with its own garbage collector.
class Account {
  constructor(public name: string, public cents: i64) {}
  toString(): string {
    return this.name + ": " + (this.cents / 100).toString() + "." + (this.cents % 100).toString().padStart(2, "0");
  }
}

function collatz(start: u64): i32 {
  let steps = 0;
  for (let n = start; n != 1; steps++) n = n & 1 ? 3 * n + 1 : n >> 1;
  return steps;
}

let accounts = [new Account("ada", 12345), new Account("grace", 67890), new Account("alan", 5)];
accounts.sort((a, b) => i32(a.cents - b.cents));
for (let i = 0; i < accounts.length; i++) console.log(accounts[i].toString());

let counts = new Map<i32, i32>();
for (let i: u64 = 1; i < 20000; i++) {
  let steps = collatz(i);
  counts.set(steps, counts.has(steps) ? counts.get(steps) + 1 : 1);
}
let best = 0;
let keys = counts.keys();
for (let i = 0; i < keys.length; i++) if (counts.get(keys[i]) > counts.get(keys[best])) best = i;
console.log(counts.size.toString() + " lengths, the commonest " + keys[best].toString() + " with " + counts.get(keys[best]).toString());

let values = new Float64Array(1000);
for (let i = 0; i < values.length; i++) values[i] = Math.sin(i) * Math.sqrt(i);
console.log(values.reduce((sum, x) => sum + x, 0.0).toString());
let sorted = values.sort();
console.log(sorted[0].toString() + " " + sorted[500].toString() + " " + sorted[999].toString());
console.log([0.1, 1e21, 1.0 / 3.0, -0.0, 5e-324, 123456789.0].join(" "));

// Garbage for the collector: far more than is alive at any time.
let kept = "";
for (let i = 0; i < 20000; i++) {
  let text = "item " + i.toString() + " of many";
  if (i % 4000 == 0) kept += text.toUpperCase() + ";";
}
console.log(kept);
console.log("größe, 日本語, 🦀".split(", ").reverse().join(" "));
