// Scans strings: lengths, characters, substrings, words, comparison, numbers.
#include "bench.h"

static char text[1 << 16], copy[1 << 16];

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 220);
  bench_text(text, sizeof text);
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    sum = bench_mix(sum, strlen(text + round));
    unsigned lines = 0;
    for (char *p = text; (p = strchr(p, '\n')); p++) lines++;
    unsigned found = 0;
    for (char *p = text; (p = strstr(p, "linear")); p++) found++;
    for (char *p = text; (p = strstr(p, "function return")); p++) found++;
    strcpy(copy, text);
    unsigned words = 0;
    size_t longest = 0;
    uint64_t numbers = 0;
    char *save = NULL;
    const char *previous = "";
    unsigned repeated = 0;
    for (char *word = strtok_r(copy, " ,\n\t.;", &save); word; word = strtok_r(NULL, " ,\n\t.;", &save)) {
      words++;
      size_t len = strlen(word);
      if (len > longest) longest = len;
      if (strcmp(word, previous) == 0) repeated++;
      previous = word;
      if (*word >= '0' && *word <= '9') numbers += strtoul(word, NULL, 10);
    }
    sum = bench_mix(sum, lines);
    sum = bench_mix(sum, found);
    sum = bench_mix(sum, words + repeated);
    sum = bench_mix(sum, longest + numbers);
    sum = bench_mix(sum, strspn(text + round * 3, "abcdefghijklmnopqrstuvwxyz"));
    sum = bench_mix(sum, strcspn(text + round * 3, "0123456789"));
  }
  return bench_done(sum);
}
