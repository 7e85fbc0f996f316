# A script that uses much of Perl: regular expressions, hashes, closures, objects, local, formats of numbers, sorting,
# exceptions, generators by closure, its packed library, text in Unicode, and files.
use strict;
use warnings;
use utf8;
binmode STDOUT, ":encoding(UTF-8)";
use List::Util qw(sum max first reduce shuffle);
use Scalar::Util qw(blessed looks_like_number weaken);
use Data::Dumper;
$Data::Dumper::Sortkeys = $Data::Dumper::Indent = 1;

package Shape { sub new { my ($class, %of) = @_; bless {%of}, $class } sub describe { my $self = shift; sprintf "%s of %.3f", lc ref $self, $self->area } }
package Circle { our @ISA = "Shape"; sub area { 3.14159265358979 * $_[0]{radius}**2 } }
package Square { our @ISA = "Shape"; sub area { $_[0]{side}**2 } use overload "<=>" => sub { $_[0]->area <=> $_[1]->area }, '""' => sub { "square " . $_[0]{side} } }
package main;

print $_->describe, "\n" for sort { $a->area <=> $b->area } Circle->new(radius => 2), Square->new(side => 3), Circle->new(radius => 0.5);
print "the larger is ", (Square->new(side => 2) <=> Square->new(side => 5)) < 0 ? "second" : "first", ", ", Square->new(side => 7), "\n";

my $text = "The quick brown fox jumps over the lazy dog; 12 dogs, 345 foxes and 6.75 hens.";
my %count;
$count{lc $1}++ while $text =~ /\b([a-z]+)\b/gi;
print join(" ", map { "$_=$count{$_}" } sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count), "\n";
(my $title = $text) =~ s/(?<word>\w+)/\u\L$+{word}/g;
print "$title\n", join("|", $text =~ /(\d+(?:\.\d+)?)/g), "\n";
my $balanced = qr/\((?:[^()]++|(?R))*\)/;
print "balanced: $&\n" if "f(a(b)c(d(e))) g(" =~ $balanced;
print "reversed: ", scalar reverse("größer"), " ", length("größer"), " ", uc "straße", "\n";

sub fibonacci { my ($m, $n) = (0, 1); sub { my $r = $m; ($m, $n) = ($n, $m + $n); $r } }
my $next = fibonacci();
print join(",", map { $next->() } 1 .. 30), "\n";
my @primes = (2);
N: for (my $n = 3; @primes < 1000; $n += 2) { for (@primes) { last if $_ * $_ > $n; next N unless $n % $_ } push @primes, $n }
printf "%d primes, the last %d, sum %d, mean %.4f\n", scalar @primes, $primes[-1], sum(@primes), sum(@primes) / @primes;
printf "%e %g %x %o %b %s %s\n", 12345.678, 1e21, 255, 8, 10, 0.1 + 0.2, 9**20;
printf "%s %s %s\n", 2**53 + 1, -7 % 3, atan2(1, -1);
{ use integer; print 7 / -2, " ", -7 % 3, "\n" }
print pack("A3 n C/a* w", "perl", 65534, "text", 300) eq "per\xff\xfe\x04text\x82\x2c" ? "packed\n" : "not packed\n";

for my $try (sub { die { code => 42 } }, sub { die "plain\n" }, sub { my $x = 0; 1 / $x }, sub { undef->method }) {
    eval { $try->(); 1 } or print "caught ", ref $@ ? "code $@->{code}" : $@ =~ s/ at .*//sr, "\n";
}
our $depth = 0;
sub deep { local $depth = $depth + 1; $depth < 2000 ? do { no warnings "recursion"; deep() } : $depth }
print deep(), " and $depth again\n";
my $sorted = join " ", sort { $a <=> $b } map { ($_ * 7919) % 1009 } 1 .. 40;
print "$sorted\n", Dumper({ list => [1, "two", { three => 3 }], none => undef });
my @words = map { chomp; split ' ' } <STDIN>;
print scalar(@words), " words: @words\n";
my %seen; my $total = 0;
for my $i (1 .. 200_000) { my $key = ($i * 2654435761) % 4093; $seen{$key} .= "x"; $total += length $seen{$key} }
print scalar(keys %seen), " keys, $total\n";
open my $out, ">", "/work/out.txt" or die "cannot write: $!";
print {$out} map { sprintf "%04d %s\n", $_, join "", map { chr 97 + ($_ * 31) % 26 } $_ .. $_ + 9 } 1 .. 500;
close $out or die;
open my $in, "<", "/work/out.txt" or die; my $lines = () = <$in>; close $in;
print "$lines lines, ", -s "/work/out.txt", " bytes\n";
die "and it ends here\n" if $ENV{FAIL};
