// Allocation: binary trees that come and go, and blocks of mixed sizes that grow.
#include "bench.h"

struct tree {
  struct tree *left, *right;
};

static struct tree *grow(unsigned depth) {
  struct tree *tree = malloc(sizeof *tree);
  tree->left = depth ? grow(depth - 1) : NULL;
  tree->right = depth ? grow(depth - 1) : NULL;
  return tree;
}

static unsigned count(const struct tree *tree) { return tree ? 1 + count(tree->left) + count(tree->right) : 0; }

static void cut(struct tree *tree) {
  if (!tree) return;
  cut(tree->left);
  cut(tree->right);
  free(tree);
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 60);
  enum { BLOCKS = 512 };
  static char *blocks[BLOCKS];
  static size_t sizes[BLOCKS];
  uint64_t sum = 0;
  struct tree *kept = grow(14);
  for (unsigned round = 0; round < rounds; round++) {
    for (unsigned depth = 4; depth <= 12; depth += 2)
      for (unsigned i = 0; i < 4096u >> depth; i++) {
        struct tree *tree = grow(depth);
        sum = bench_mix(sum, count(tree));
        cut(tree);
      }
    for (unsigned i = 0; i < 4000; i++) {
      uint32_t r = bench_random();
      unsigned slot = r % BLOCKS;
      if (blocks[slot] && r & 0x10000) {
        free(blocks[slot]);
        blocks[slot] = NULL;
      } else {
        size_t size = (r >> 20) % (r & 0x20000 ? 4000 : 100) + 1;
        size_t old = blocks[slot] ? sizes[slot] : 0;
        blocks[slot] = realloc(blocks[slot], size);
        sizes[slot] = size;
        blocks[slot][size - 1] = (char)r;
        if (old == 0) blocks[slot][0] = (char)slot;
        sum = bench_mix(sum, (uint8_t)blocks[slot][0]);
      }
    }
  }
  sum = bench_mix(sum, count(kept));
  return bench_done(sum);
}
