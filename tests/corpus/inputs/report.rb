# A script that uses much of Ruby: classes, blocks, exceptions, fibers, threads of execution that end early, big numbers,
# regular expressions, strings in several encodings, its packed library, and files.
require "json"
require "set"
require "digest"
require "erb"
require "stringio"

module Shape
  def describe = "#{self.class.name.downcase} of #{format("%.3f", area)}"
end
Circle = Struct.new(:radius) do
  include Shape
  include Comparable
  def area = Math::PI * radius**2
  def <=>(other) = area <=> other.area
end
Square = Data.define(:side) do
  include Shape
  def area = side * side
end

puts [Circle.new(2), Square.new(3), Circle.new(0.5)].sort_by(&:area).map(&:describe)
puts Circle.new(1).between?(Circle.new(0), Circle.new(3))

# Exceptions: through blocks, with ensure and retry, and of every kind that leaves early.
def risky(count)
  attempts = 0
  begin
    attempts += 1
    raise ArgumentError, "attempt #{attempts}" if attempts < count
    attempts
  rescue ArgumentError => error
    retry if attempts < 5
    "gave up: #{error.message}"
  ensure
    print "ensured "
  end
end
puts risky(3), risky(9)
puts catch(:found) { (1..).each { |a| (1..a).each { |b| throw :found, [a, b] if a * b == 221 } } }.inspect
begin
  begin
    Integer("12x")
  rescue => inner
    raise KeyError, "outer"
  end
rescue KeyError => error
  puts "#{error.message} because of #{error.cause.message}"
end
def deep(n) = n.zero? ? raise("bottom") : deep(n - 1) + 1
begin
  deep(500)
rescue => error
  puts "#{error.message} below #{error.backtrace.size} frames"
end
begin
  def forever(n) = forever(n + 1) + 1
  forever(0)
rescue SystemStackError => error
  puts error.class
end

# Fibers and enumerators switch stacks.
fibers = 3.times.map do |index|
  Fiber.new do
    5.times { |step| Fiber.yield "#{index}:#{step}" }
    "end #{index}"
  end
end
puts 6.times.flat_map { fibers.map(&:resume) }.join(" ")
primes = Enumerator.new do |out|
  found = []
  2.step do |n|
    next if found.any? { |prime| prime * prime <= n && (n % prime).zero? }
    found << n
    out << n
  end
end
puts primes.lazy.select { |n| n % 10 == 7 }.first(12).inspect
merged = [1, 4, 9].each
other = [2, 3, 10].each
puts loop.lazy.map { merged.peek < other.peek ? merged.next : other.next }.first(4).inspect

# Numbers.
puts 3**200, (1..60).inject(:*), 2**0.5, Rational(355, 113) - Rational(22, 7), Complex(1, 2)**3
puts 123_456_789_012_345_678_901.digits.tally.sort.inspect, 10.pow(300, 1_000_007)
puts Integer.sqrt(10**40), 0.1 + 0.2, 1e23.to_s, 5e-324.to_s, -7.divmod(3).inspect

# Text.
text = "Größe, naïve, 日本語 and plain words"
puts text.scan(/\p{L}+/).map(&:capitalize).inspect, text.bytes.sum, text.encode("UTF-16LE").bytesize, text[/(?<w>\w+) words/, :w]
puts text.gsub(/(\w)(\w+)/) { $2 + $1 }, text.unicode_normalize(:nfd).length, "%08.3f|%-6s|%+x" % [3.14159, "ab", 255]
puts ERB.new("<% 3.times do |i| %><%= i * i %>;<% end %>").result
table = Hash.new { |hash, key| hash[key] = key < 2 ? key : hash[key - 1] + hash[key - 2] }
puts table[90]
puts JSON.generate("a" => [1, 2.5, nil, true, { "b" => "\u00e9\n" }]), JSON.parse('{"x": [1, {"y": "z"}]}').dig("x", 1, "y")
puts Digest::SHA256.hexdigest(text * 1000), Digest::MD5.hexdigest("")

# Pattern matching.
case { name: "nativize", tags: ["wasm", "elf"], size: { text: 10 } }
in { name: String => name, tags: [*, "elf", *], size: { text: Integer => size } } if size > 5
  puts "#{name} #{size}"
end

# Much garbage, and what must survive it.
kept = (1..2000).map { |i| "value #{i}" * 3 }
200_000.times { |i| [i, i.to_s, { i => i }] }
GC.start
puts kept.map(&:size).sum, Set.new(kept).size, ObjectSpace.count_objects[:TOTAL] > 10_000
sorted = (0...20_000).map { |i| (i * 7919) % 20_011 }.sort { |a, b| b <=> a }
puts sorted.each_slice(2500).map(&:first).inspect

# Files, standard input and standard error.
Dir.chdir("/work")
File.write("out.txt", $stdin.each_line.map { |line| line.split.map(&:reverse).join(" ") }.first(20).join("\n"))
puts File.size("out.txt"), File.readlines("out.txt").size, Dir.children(".").sort.inspect
begin
  File.read("missing")
rescue SystemCallError => error
  puts error.class
end
$stderr.puts "done"
raise "the end" if ENV["FAIL"]
