// Classes, closures, generators, promises, regular expressions, typed arrays, big integers, proxies and errors.
class Shape {
  #sides;
  constructor(sides) { this.#sides = sides; }
  get sides() { return this.#sides; }
  static of(...args) { return args.map((n) => new this(n)); }
}
class Polygon extends Shape { toString() { return `polygon of ${this.sides}`; } }
console.log(Polygon.of(3, 4, 5).join("; "));
function* fibonacci() { for (let [a, b] = [0n, 1n]; ; [a, b] = [b, a + b]) yield a; }
let taken = [];
for (const n of fibonacci()) { if (taken.push(n) > 150) break; }
console.log(taken.at(-1), 2n ** 300n % 1000000007n, (-7n / 2n).toString(), BigInt.asIntN(8, 200n));
console.log([3, 1, 10, 2].sort().join(), [3, 1, 10, 2].toSorted((a, b) => a - b).join(), [..."a🦀é"].length, "größe".normalize("NFD").length);
console.log(JSON.stringify({ a: [1, { b: undefined, c: () => 1 }], d: new Date(0), e: "\u2028", f: NaN }, null, 1));
console.log("2024-02-29".replace(/(?<y>\d+)-(?<m>\d+)-(?<d>\d+)/, "$<d>.$<m>.$<y>"), "aBc".replace(/[A-Z]/g, (m) => m.toLowerCase()), /(?<=\$)\d+/u.exec("cost $42")[0]);
console.log([0.1 + 0.2, 1e21, 1 / 3, -0, 5e-324, 123.456.toFixed(1), (255).toString(16), parseFloat("3.14abc"), Number("0x1f"), Math.hypot(3, 4)].join(" "));
console.log([Math.sin(1), Math.exp(1), Math.log(10), Math.pow(2, 0.5), Math.cbrt(27), Math.atan2(1, -1), Math.fround(0.1), Math.clz32(1000), Math.imul(0xffffffff, 5)].join(" "));
const words = new Map();
for (const w of "the quick the lazy the end quick".split(" ")) words.set(w, (words.get(w) ?? 0) + 1);
console.log([...words].map(([k, v]) => k + v).join(), new Set([1, 2, 2, 3]).size);
const bytes = new Uint8ClampedArray([300, -5, 127.5]), view = new DataView(new ArrayBuffer(16));
view.setFloat64(0, Math.PI); view.setInt32(8, -2, true);
console.log(bytes.join(), view.getUint32(0).toString(16), view.getUint8(8), new Float32Array([0.1, 16777217]).join());
const log = [];
const proxy = new Proxy({}, { get: (t, k) => (log.push(String(k)), k.length), has: () => true });
console.log(proxy.hello + proxy.xy, "anything" in proxy, log.join());
try { null.property; } catch (e) { console.log(e instanceof TypeError, e.message); }
try { eval("let x = ;"); } catch (e) { console.log(e.name); }
const sieve = new Uint8Array(200000);
let primes = 0;
for (let i = 2; i < sieve.length; i++) { if (sieve[i]) continue; primes++; for (let j = i * i; j < sieve.length; j += i) sieve[j] = 1; }
console.log(primes);
const queens = (n, row = 0, c = 0, l = 0, r = 0) => { if (row === n) return 1; let s = 0; for (let f = ~(c | l | r) & ((1 << n) - 1); f; f &= f - 1) { const b = f & -f; s += queens(n, row + 1, c | b, (l | b) << 1, (r | b) >> 1); } return s; };
console.log(queens(9));
const text = Array.from({ length: 2000 }, (_, i) => String.fromCharCode(97 + (i * i) % 26)).join("");
console.log(text.match(/(.)\1/g)?.length, text.split("").sort().join("").replace(/(.)\1*/g, (m, x) => x + m.length));
let garbage = 0;
for (let i = 0; i < 200000; i++) { const o = { i, s: "x" + i, a: [i, i + 1] }; garbage += o.a.length + o.s.length; }
console.log(garbage);
const { a, ...rest } = { a: 1, b: 2, c: 3 }, [x, , y = 9, ...zs] = [1, 2, undefined, 4, 5];
console.log(a, JSON.stringify(rest), x, y, zs.join(), rest?.q?.z ?? "none");
label: for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) { if (j === 2) continue label; if (i === 2) break label; console.log(i, j); }
async function steps() { const seen = []; for await (const v of (async function* () { yield 1; yield await Promise.resolve(2); })()) seen.push(v); return seen; }
Promise.allSettled([steps(), Promise.reject(new RangeError("no"))]).then((r) => console.log(JSON.stringify(r.map((p) => p.value ?? p.reason.message))));
queueMicrotask(() => console.log("microtask"));
console.log("end of script");
