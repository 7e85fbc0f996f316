// Tagged unions, comptime, wide and odd-sized integers, and a hash map in Zig.
const std = @import("std");

const Expression = union(enum) {
    number: i64,
    add: [2]*const Expression,
    multiply: [2]*const Expression,
    negate: *const Expression,

    fn evaluate(self: *const Expression) i64 {
        return switch (self.*) {
            .number => |n| n,
            .add => |pair| pair[0].evaluate() + pair[1].evaluate(),
            .multiply => |pair| pair[0].evaluate() * pair[1].evaluate(),
            .negate => |inner| -inner.evaluate(),
        };
    }
};

fn table(comptime size: usize) [size]u32 {
    @setEvalBranchQuota(100000);
    var result: [size]u32 = undefined;
    for (&result, 0..) |*entry, i| {
        var value: u32 = @intCast(i);
        for (0..8) |_| value = if (value & 1 == 1) 0xedb88320 ^ (value >> 1) else value >> 1;
        entry.* = value;
    }
    return result;
}

const crc_table = table(256);

fn crc32(bytes: []const u8) u32 {
    var crc: u32 = 0xffffffff;
    for (bytes) |byte| crc = crc_table[(crc ^ byte) & 0xff] ^ (crc >> 8);
    return ~crc;
}

var out: [4096]u8 = undefined;
var used: usize = 0;

fn print(comptime format: []const u8, arguments: anytype) void {
    used += (std.fmt.bufPrint(out[used..], format, arguments) catch unreachable).len;
}

pub fn main() void {
    const two = Expression{ .number = 2 };
    const three = Expression{ .number = 3 };
    const sum = Expression{ .add = .{ &two, &three } };
    const minus = Expression{ .negate = &sum };
    const product = Expression{ .multiply = .{ &sum, &minus } };
    print("{d}\n", .{product.evaluate()});
    print("{x:0>8}\n", .{crc32("123456789")});

    var wide: u256 = 1;
    for (1..50) |i| wide *= i;
    print("{d}\n", .{wide});
    var odd: u13 = 8000;
    odd +%= 500;
    print("{d} {d}\n", .{ odd, @as(i7, -64) -% 1 });
    print("{d:.3} {e} {d}\n", .{ 3.14159, 12345.678, 0.1 });
    print("{?d} {any} {s}\n", .{ @as(?u32, null), [_]u8{ 1, 2, 3 }, "slice" });

    var memory: [65536]u8 = undefined;
    var fixed = std.heap.FixedBufferAllocator.init(&memory);
    var map = std.AutoHashMap(u32, u32).init(fixed.allocator());
    for (0..1000) |i| {
        const key: u32 = @intCast(i * i % 101);
        const entry = map.getOrPut(key) catch unreachable;
        entry.value_ptr.* = if (entry.found_existing) entry.value_ptr.* + 1 else 1;
    }
    print("{d} {d}\n", .{ map.count(), map.get(4).? });
    const written = std.os.wasi.fd_write(1, &[_]std.os.wasi.ciovec_t{.{ .base = &out, .len = used }}, 1, &used);
    std.os.wasi.proc_exit(@intFromEnum(written));
}
