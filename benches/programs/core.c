// The kinds of work of an embedded processor's benchmark: a linked list that is searched, reversed and merge-sorted, small
// matrices, a state machine that recognizes numbers, and a CRC over all results.
#include "bench.h"

struct node {
  struct node *next;
  int16_t value, index;
};
enum { NODES = 400, N = 10 };
static struct node nodes[NODES];
static char numbers[] = "12,-7.5,+0.25e3,99x,1e,.5,--3,7e-2,abc,1234567,";
static uint16_t crc;

static uint16_t crc8(uint8_t data, uint16_t sum) {
  for (int i = 0; i < 8; i++) {
    int carry = (data ^ sum) & 1;
    data >>= 1;
    sum >>= 1;
    if (carry) sum ^= 0xa001;
  }
  return sum;
}

static void check(uint32_t value) {
  for (int i = 0; i < 4; i++) crc = crc8((uint8_t)(value >> 8 * i), crc);
}

static int by_value(const struct node *a, const struct node *b) { return a->value - b->value; }
static int by_index(const struct node *a, const struct node *b) { return a->index - b->index; }

static struct node *merge_sort(struct node *list, int (*compare)(const struct node *, const struct node *)) {
  for (int width = 1;; width *= 2) {
    struct node *p = list, *tail = NULL;
    list = NULL;
    int merges = 0;
    while (p) {
      merges++;
      struct node *q = p;
      int psize = 0, qsize = width;
      while (psize < width && q) psize++, q = q->next;
      while (psize > 0 || (qsize > 0 && q)) {
        struct node *e;
        if (psize == 0 || (qsize > 0 && q && compare(p, q) > 0)) e = q, q = q->next, qsize--;
        else e = p, p = p->next, psize--;
        if (tail) tail->next = e;
        else list = e;
        tail = e;
      }
      p = q;
    }
    tail->next = NULL;
    if (merges <= 1) return list;
  }
}

static void lists(void) {
  for (int i = 0; i < NODES; i++) {
    nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : NULL;
    nodes[i].value = (int16_t)(bench_random() & 0x7ff);
    nodes[i].index = (int16_t)i;
  }
  struct node *list = merge_sort(nodes, by_value);
  for (int wanted = 0; wanted < 64; wanted++)
    for (struct node *p = list; p; p = p->next)
      if ((p->value & 0xff) == wanted) {
        check((uint32_t)p->index);
        break;
      }
  struct node *reversed = NULL;
  for (struct node *next; list; list = next) next = list->next, list->next = reversed, reversed = list;
  list = merge_sort(reversed, by_index);
  for (struct node *p = list; p; p = p->next) crc = crc8((uint8_t)p->value, crc);
}

static int16_t a[N][N], b[N][N];
static int32_t c[N][N];

static void matrices(int seed) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) a[i][j] = (int16_t)(seed + i * j), b[i][j] = (int16_t)(seed * i - j);
  for (int round = 0; round < 4; round++) {
    int32_t sum = 0, last = 0;
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        c[i][j] = 0;
        for (int k = 0; k < N; k++) {
          int32_t product = a[i][k] * b[k][j];
          c[i][j] += round % 2 ? (product >> 2 & 15) * (product >> 5 & 127) : product;
        }
        sum += c[i][j] > last ? 10 : c[i][j] < -1000 ? 0 : 1;
        last = c[i][j];
      }
    check((uint32_t)sum);
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) a[i][j] = (int16_t)(a[i][j] + seed);
  }
}

enum state { START, INTEGER, FRACTION, EXPONENT, SIGNED, POWER, WRONG };
static uint32_t visits[7];

static void states(void) {
  enum state state = START;
  for (const char *p = numbers; *p; p++) {
    char ch = *p;
    if (ch == ',') {
      visits[state]++;
      state = START;
      continue;
    }
    int digit = ch >= '0' && ch <= '9';
    switch (state) {
      case START: state = digit ? INTEGER : ch == '.' ? FRACTION : ch == '+' || ch == '-' ? SIGNED : WRONG; break;
      case SIGNED: state = digit ? INTEGER : ch == '.' ? FRACTION : WRONG; break;
      case INTEGER: state = digit ? INTEGER : ch == '.' ? FRACTION : ch == 'e' ? EXPONENT : WRONG; break;
      case FRACTION: state = digit ? FRACTION : ch == 'e' ? EXPONENT : WRONG; break;
      case EXPONENT: state = digit || ch == '-' || ch == '+' ? POWER : WRONG; break;
      case POWER: state = digit ? POWER : WRONG; break;
      case WRONG: break;
    }
  }
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 1500);
  for (unsigned round = 0; round < rounds; round++) {
    lists();
    matrices((int)(round % 100));
    for (int i = 0; i < 50; i++) {
      states();
      numbers[i % (int)(sizeof numbers - 2)] ^= (char)(i & 1);
    }
    for (int i = 0; i < 7; i++) check(visits[i]);
  }
  return bench_done(crc);
}
