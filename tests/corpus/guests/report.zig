// Zig's library: JSON, hashes, sorting, wide integers and a recursive parser, built with its safety checks.
const std = @import("std");

var out: [1 << 16]u8 = undefined;
var used: usize = 0;

fn print(comptime format: []const u8, arguments: anytype) void {
    used += (std.fmt.bufPrint(out[used..], format, arguments) catch unreachable).len;
}

const Item = struct { name: []const u8, price: f64, tags: []const []const u8 };

fn eval(text: []const u8, at: *usize) i128 {
    var total = product(text, at);
    while (at.* < text.len and (text[at.*] == '+' or text[at.*] == '-')) {
        const op = text[at.*];
        at.* += 1;
        const right = product(text, at);
        total = if (op == '+') total + right else total - right;
    }
    return total;
}

fn product(text: []const u8, at: *usize) i128 {
    var total = atom(text, at);
    while (at.* < text.len and text[at.*] == '*') {
        at.* += 1;
        total *= atom(text, at);
    }
    return total;
}

fn atom(text: []const u8, at: *usize) i128 {
    if (text[at.*] == '(') {
        at.* += 1;
        const value = eval(text, at);
        at.* += 1;
        return value;
    }
    var value: i128 = 0;
    while (at.* < text.len and std.ascii.isDigit(text[at.*])) : (at.* += 1) value = value * 10 + (text[at.*] - '0');
    return value;
}

pub fn main() void {
    const allocator = std.heap.wasm_allocator;
    const source =
        \\[{"name": "tea", "price": 3.5, "tags": ["hot", "green"]}, {"name": "caf\u00e9", "price": 1e2, "tags": []}]
    ;
    const items = std.json.parseFromSlice([]Item, allocator, source, .{}) catch unreachable;
    for (items.value) |item| print("{s} {d:.2} {d}\n", .{ item.name, item.price, item.tags.len });
    const bad = std.json.parseFromSlice([]Item, allocator, "[{\"name\": 1}]", .{});
    print("{any}\n", .{if (bad) |_| false else |_| true});

    var digest: [32]u8 = undefined;
    std.crypto.hash.sha2.Sha256.hash(source, &digest, .{});
    print("{x}\n", .{&digest});
    std.crypto.hash.Blake3.hash(source, &digest, .{});
    print("{x}\n", .{&digest});
    print("{x} {x}\n", .{ std.hash.Wyhash.hash(7, source), std.hash.Crc32.hash(source) });

    var random = std.Random.DefaultPrng.init(42);
    const values = allocator.alloc(u64, 50000) catch unreachable;
    for (values) |*value| value.* = random.next();
    std.mem.sort(u64, values, {}, std.sort.asc(u64));
    print("{d} {d} {d}\n", .{ values[0], values[25000], values[49999] });

    var at: usize = 0;
    print("{d}\n", .{eval("2*(3+4)*(5-(6-7)*8)-9*10*(11+12*(13-14))", &at)});
    var a: u512 = 1;
    for (0..300) |_| a = a *% 3 +% 1;
    print("{d}\n{x}\n", .{ a, a / 0x1234567890abcdef1234567890abcdef });
    print("{d} {d} {d}\n", .{ @as(f64, 1) / 3, @as(f32, 1) / 3, std.math.sqrt(@as(f64, 2)) });

    var written: usize = 0;
    _ = std.os.wasi.fd_write(1, &[_]std.os.wasi.ciovec_t{.{ .base = &out, .len = used }}, 1, &written);
    // An overflow that the safety checks turn into a trap.
    var small: u8 = @intCast(used & 0x7f | 0x80);
    for (0..8) |_| small += small;
    std.os.wasi.proc_exit(small);
}
