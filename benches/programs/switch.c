// A state machine over input classes: switches that are dense, sparse and nested.
#include "bench.h"

static char text[1 << 16];

static unsigned step(unsigned state, unsigned char c) {
  switch (state) {
    case 0:
      switch (c) {
        case ' ': case '\t': case '\n': return 0;
        case '0' ... '9': return 1;
        case 'a' ... 'z': return 2;
        case 'A' ... 'Z': return 3;
        case '.': return 4;
        case ',': case ';': return 5;
        default: return 6;
      }
    case 1:
      switch (c) {
        case '0' ... '9': return 1;
        case '.': return 4;
        case ' ': case '\n': return 0;
        default: return 7;
      }
    case 2: return c >= 'a' && c <= 'z' ? 2 : c == '.' ? 4 : 0;
    case 3: return c >= 'A' && c <= 'Z' ? 8 : c >= 'a' && c <= 'z' ? 2 : 0;
    case 4: return c == '\n' ? 9 : 10;
    case 5: return c == ' ' ? 11 : 0;
    case 6: return c % 3;
    case 7: return c & 1 ? 5 : 0;
    case 8: return c >= 'A' && c <= 'Z' ? 8 : 3;
    case 9: return c == '\n' ? 9 : 0;
    case 10: return c >= '0' && c <= '9' ? 1 : 0;
    case 11: return c == ' ' ? 11 : 2;
    default: return 0;
  }
}

static uint32_t weigh(unsigned char c, uint32_t w) {
  switch (c) {
    case 'a': return w + 3;
    case 'e': return w * 5;
    case 'i': return w ^ 0x55;
    case 'o': return w - 7;
    case 'u': return w >> 1;
    case 'r': return w + (w << 3);
    case 's': return ~w;
    case 't': return w + 11;
    case 'n': return w * 9 + 1;
    case 'l': return w ^ w >> 3;
    case ' ': return w + 1;
    case '\n': return w * 3;
    case '0': case '1': case '2': return w + c;
    case '.': return w - c;
    default: return w + 2;
  }
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 200);
  bench_text(text, sizeof text);
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    unsigned state = 0, visits[12] = {0};
    uint32_t weight = round;
    for (const char *p = text; *p; p++) {
      state = step(state, (unsigned char)*p);
      visits[state]++;
      weight = weigh((unsigned char)*p, weight);
    }
    for (int i = 0; i < 12; i++) sum = bench_mix(sum, visits[i]);
    sum = bench_mix(sum, weight);
  }
  return bench_done(sum);
}
