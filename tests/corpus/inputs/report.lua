-- Errors of every kind, coroutines, metatables, closures, patterns, and much garbage.
local function section(name) print("-- " .. name) end

section("errors")
print(pcall(error, "a string", 0))
print(pcall(error, { code = 7 }) == false, select(2, pcall(error, { code = 7 })).code)
print(pcall(function() local t = nil; return t.x end))
print(pcall(function() return 1 + {} end))
print(xpcall(function() return ("x"):rep(-1) .. nil end, function(m) return "handled: " .. m end))
print(select("#", pcall(error)))
local function nested(depth)
  if depth == 0 then error("bottom", 0) end
  local ok, message = pcall(nested, depth - 1)
  error(message .. "<" .. depth, 0)
end
print(pcall(nested, 12))
print((select(2, pcall(function() local function f() return f() + 1 end return f() end))):match("stack overflow"))
print(pcall(string.rep, "x", 1 << 40))
print(load("return +")) -- an error of the parser
do
  local order = {}
  local ok, message = pcall(function()
    local a <close> = setmetatable({}, { __close = function(_, e) order[#order + 1] = "a " .. tostring(e) end })
    local b <close> = setmetatable({}, { __close = function(_, e) order[#order + 1] = "b " .. tostring(e); error("second", 0) end })
    error("first", 0)
  end)
  print(ok, message, table.concat(order, ", "))
end
local failures, sum = 0, 0
for i = 1, 200000 do
  local ok, value = pcall(function(n) if n % 3 == 0 then error(n) end return n end, i)
  if ok then sum = sum + value else failures = failures + 1; sum = sum ~ value end
end
print(failures, sum)

section("coroutines")
local function permutations(a, n)
  n = n or #a
  if n <= 1 then coroutine.yield(a) return end
  for i = 1, n do
    a[n], a[i] = a[i], a[n]
    permutations(a, n - 1)
    a[n], a[i] = a[i], a[n]
  end
end
local count, hash = 0, 0
for p in coroutine.wrap(function() permutations({ 1, 2, 3, 4, 5, 6, 7 }) end) do
  count = count + 1
  for i = 1, #p do hash = (hash * 31 + p[i]) & 0xffffffff end
end
print(count, hash)
local generator = coroutine.create(function(x)
  local ok, message = pcall(function() local y = coroutine.yield(x + 1); error("got " .. y, 0) end)
  local z = coroutine.yield(message)
  error("end " .. z, 0)
end)
print(coroutine.resume(generator, 1))
print(coroutine.resume(generator, "two"))
print(coroutine.resume(generator, "three"))
print(coroutine.resume(generator), coroutine.status(generator))

section("tables")
local Vector = {}
Vector.__index = Vector
Vector.__add = function(a, b) return setmetatable({ a[1] + b[1], a[2] + b[2] }, Vector) end
Vector.__eq = function(a, b) return a[1] == b[1] and a[2] == b[2] end
Vector.__tostring = function(v) return ("(%g, %g)"):format(v[1], v[2]) end
local v = setmetatable({ 1, 2.5 }, Vector) + setmetatable({ 3, 4 }, Vector)
print(tostring(v), v == setmetatable({ 4, 6.5 }, Vector))
local t = {}
for i = 1, 5000 do t[i] = (i * 7919) % 5003 end
table.sort(t, function(a, b) return a > b end)
print(t[1], t[2500], t[5000], #table.concat(t, ","), table.unpack(table.move(t, 1, 3, 2, {}), 2, 4))
print(pcall(table.sort, { 3, 1, "x" }))

section("text")
print(("key = value; other=thing"):gsub("(%w+)%s*=%s*(%w+)", "%2=%1"))
for w, n in ("one 1 two 22 three 333"):gmatch("(%a+) (%d+)") do io.write(w, ":", n + 0, " ") end
print(("%5.2f|%-8s|%q|%x"):format(math.pi, "left", "a\n\0b", 255), ("\u{65e5}\u{672c}"):len(), utf8.len("\u{65e5}\u{672c}"))
print(string.pack("<i4d", -5, 0.5):byte(1, -1))
print(7 // 2, -7 // 2, 7 % -3, 2 ^ 0.5, 1 // 0.0, math.tointeger(3.0), 10 // 3.0, 1 << 63, math.maxinteger + 1)

section("garbage")
local weak = setmetatable({}, { __mode = "v" })
local finalized = 0
for i = 1, 100000 do
  local object = setmetatable({ i, tostring(i) }, i % 1000 == 0 and { __gc = function() finalized = finalized + 1 end } or nil)
  weak[i % 100] = object
end
collectgarbage()
collectgarbage()
print(finalized, next(weak))

section("input")
local words = {}
for line in io.lines() do for word in line:gmatch("%a+") do words[word] = (words[word] or 0) + 1 end end
local list = {}
for word, n in pairs(words) do list[#list + 1] = ("%06d %s"):format(n, word) end
table.sort(list)
print(#list, list[1], list[#list])
error(setmetatable({}, { __tostring = function() return "last" end }))
