// Classifies and converts the characters of a text with <ctype.h>.
#include "bench.h"
#include <ctype.h>

static char text[1 << 16];

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 220);
  bench_text(text, sizeof text);
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    unsigned counts[6] = {0};
    for (char *p = text; *p; p++) {
      unsigned char c = (unsigned char)*p;
      if (isalpha(c)) counts[0]++;
      if (isdigit(c)) counts[1]++;
      if (isspace(c)) counts[2]++;
      if (ispunct(c)) counts[3]++;
      if (isupper(c)) {
        counts[4]++;
        *p = (char)tolower(c);
      } else if (islower(c) && (p - text + round) % 7 == 0) {
        *p = (char)toupper(c);
      }
      if (isxdigit(c)) counts[5]++;
    }
    for (int i = 0; i < 6; i++) sum = bench_mix(sum, counts[i]);
  }
  return bench_done(bench_mix_bytes(sum, text, sizeof text));
}
