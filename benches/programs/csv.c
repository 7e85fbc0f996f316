// Reads tables of comma-separated values: quotes, numbers, sums by group.
#include "bench.h"

static char table[1 << 18];

struct group {
  char name[16];
  double total;
  unsigned count;
};
static struct group groups[64];
static int group_count;

static struct group *group(const char *name) {
  for (int i = 0; i < group_count; i++)
    if (strcmp(groups[i].name, name) == 0) return &groups[i];
  if (group_count == 64) abort();
  struct group *g = &groups[group_count++];
  snprintf(g->name, sizeof g->name, "%s", name);
  return g;
}

static const char *field(const char *p, char *out, size_t room) {
  size_t length = 0;
  int quoted = *p == '"';
  if (quoted) p++;
  for (; *p; p++) {
    if (quoted && *p == '"') {
      if (p[1] != '"') {
        p++;
        break;
      }
      p++;
    } else if (!quoted && (*p == ',' || *p == '\n')) {
      break;
    }
    if (length + 1 < room) out[length++] = *p;
  }
  out[length] = 0;
  return p;
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 40);
  size_t size = 0;
  while (size < sizeof table - 100) {
    uint32_t r = bench_random();
    size += (size_t)sprintf(table + size, "%u,\"city %c\",%u.%02u,\"says \"\"%u\"\"\"\n", (unsigned)(r % 1000), 'A' + (char)(r / 1000 % 26),
                            (unsigned)(r / 7 % 10000), (unsigned)(r / 11 % 100), (unsigned)(r % 77));
  }
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    group_count = 0;
    memset(groups, 0, sizeof groups);
    char id[64], city[64], amount[64], note[64];
    for (const char *p = table; *p;) {
      p = field(p, id, sizeof id);
      if (*p == ',') p++;
      p = field(p, city, sizeof city);
      if (*p == ',') p++;
      p = field(p, amount, sizeof amount);
      if (*p == ',') p++;
      p = field(p, note, sizeof note);
      if (*p == '\n') p++;
      struct group *g = group(city);
      g->total += strtod(amount, NULL) + atoi(id) % 3;
      g->count += (unsigned)strlen(note);
    }
    for (int i = 0; i < group_count; i++) {
      sum = bench_mix(sum, groups[i].count);
      sum = bench_mix(sum, (uint64_t)(groups[i].total * 100));
    }
  }
  return bench_done(sum);
}
