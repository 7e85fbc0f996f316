// A ray tracer in AssemblyScript: classes, closures over globals, floating point and many short-lived objects.
class Vector {
  constructor(public x: f64, public y: f64, public z: f64) {}
  add(o: Vector): Vector { return new Vector(this.x + o.x, this.y + o.y, this.z + o.z); }
  sub(o: Vector): Vector { return new Vector(this.x - o.x, this.y - o.y, this.z - o.z); }
  scale(k: f64): Vector { return new Vector(this.x * k, this.y * k, this.z * k); }
  dot(o: Vector): f64 { return this.x * o.x + this.y * o.y + this.z * o.z; }
  unit(): Vector { return this.scale(1.0 / Math.sqrt(this.dot(this))); }
}

abstract class Thing {
  abstract hit(from: Vector, along: Vector): f64;
  abstract normal(at: Vector): Vector;
  abstract shade(at: Vector): f64;
}

class Sphere extends Thing {
  constructor(public center: Vector, public radius: f64, public tone: f64) { super(); }
  hit(from: Vector, along: Vector): f64 {
    let d = from.sub(this.center);
    let b = d.dot(along), c = d.dot(d) - this.radius * this.radius;
    let s = b * b - c;
    if (s < 0) return Infinity;
    let t = -b - Math.sqrt(s);
    return t > 1e-6 ? t : Infinity;
  }
  normal(at: Vector): Vector { return at.sub(this.center).unit(); }
  shade(at: Vector): f64 { return this.tone; }
}

class Floor extends Thing {
  hit(from: Vector, along: Vector): f64 { return along.y < -1e-9 ? -(from.y + 1) / along.y : Infinity; }
  normal(at: Vector): Vector { return new Vector(0, 1, 0); }
  shade(at: Vector): f64 { return (i32(Math.floor(at.x)) + i32(Math.floor(at.z))) & 1 ? 0.25 : 0.9; }
}

const things: Thing[] = [new Sphere(new Vector(0, 0, 4), 1, 0.9), new Sphere(new Vector(1.7, -0.4, 3.2), 0.6, 0.6), new Floor()];
const light = new Vector(-3, 4, -1);

function nearest(from: Vector, along: Vector): i32 {
  let best = -1, distance = Infinity;
  for (let i = 0; i < things.length; i++) {
    let t = things[i].hit(from, along);
    if (t < distance) { distance = t; best = i; }
  }
  return best;
}

function trace(from: Vector, along: Vector, depth: i32): f64 {
  let which = nearest(from, along);
  if (which < 0) return 0.1 + 0.4 * Math.max(0, along.y);
  let thing = things[which];
  let at = from.add(along.scale(thing.hit(from, along)));
  let normal = thing.normal(at), toLight = light.sub(at).unit();
  let above = at.add(normal.scale(1e-6));
  let direct = nearest(above, toLight) < 0 ? Math.max(0, normal.dot(toLight)) : 0;
  let value = thing.shade(at) * (0.15 + 0.7 * direct);
  if (depth > 0) value = 0.7 * value + 0.3 * trace(above, along.sub(normal.scale(2 * normal.dot(along))), depth - 1);
  return value;
}

let checksum: u64 = 14695981039346656037;
for (let row = 0; row < 40; row++) {
  let line = "";
  for (let column = 0; column < 100; column++) {
    let value = trace(new Vector(0, 0, -1), new Vector((column - 50) / 50.0, (20 - row) / 25.0, 1.6).unit(), 4);
    checksum = (checksum ^ reinterpret<u64>(value)) * 1099511628211;
    line += " .:-=+*#%@".charAt(i32(Math.min(9, value * 11)));
  }
  console.log(line);
}
console.log(checksum.toString(16));
