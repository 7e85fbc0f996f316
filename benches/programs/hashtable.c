// Hash tables: open addressing over integers, chains over strings.
#include "bench.h"

enum { SLOTS = 1 << 15, BUCKETS = 1 << 12 };
static uint32_t keys[SLOTS], counts[SLOTS];

struct entry {
  struct entry *next;
  unsigned count;
  char name[];
};
static struct entry *buckets[BUCKETS];

static uint32_t *lookup(uint32_t key) {
  uint32_t at = key * 2654435761u >> 17;
  while (keys[at] && keys[at] != key) at = (at + 1) % SLOTS;
  keys[at] = key;
  return &counts[at];
}

static struct entry *intern(const char *name) {
  uint32_t hash = 2166136261u;
  for (const char *p = name; *p; p++) hash = (hash ^ (uint8_t)*p) * 16777619u;
  struct entry **at = &buckets[hash % BUCKETS];
  for (struct entry *entry = *at; entry; entry = entry->next)
    if (strcmp(entry->name, name) == 0) return entry;
  struct entry *entry = malloc(sizeof *entry + strlen(name) + 1);
  strcpy(entry->name, name);
  entry->count = 0;
  entry->next = *at;
  return *at = entry;
}

static const char *name_of(uint32_t number, char *buffer) {
  char *p = buffer + 15;
  *p = 0;
  do *--p = (char)('a' + number % 26);
  while (number /= 26);
  *--p = '_';
  return p;
}

int main(int argc, char **argv) {
  unsigned operations = bench_work(argc, argv, 3000000);
  uint64_t sum = 0;
  char buffer[16];
  for (unsigned i = 0; i < operations; i++) {
    uint32_t r = bench_random();
    sum += ++*lookup(r % 20000 + 1);
    if (i % 2) sum += ++intern(name_of(r % 9973, buffer))->count;
  }
  return bench_done(sum);
}
