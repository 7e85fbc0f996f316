// setjmp and longjmp: out of deep calls, again and again to one place, between nested places, and over calls through
// pointers. Built in both forms of exceptions; see build.sh.
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A parser that leaves by longjmp on the first error, as interpreters in C do.
struct parser {
  const char *text;
  int depth;
  jmp_buf failed;
};

static _Noreturn void fail(struct parser *parser, int code) { longjmp(parser->failed, code); }

static long sum(struct parser *parser);

static long factor(struct parser *parser) {
  char padding[64];
  memset(padding, parser->depth, sizeof padding);
  if (++parser->depth > 40) fail(parser, 3);
  long value = 0;
  if (*parser->text == '(') {
    ++parser->text;
    value = sum(parser);
    if (*parser->text++ != ')') fail(parser, 1);
  } else if (*parser->text >= '0' && *parser->text <= '9') {
    while (*parser->text >= '0' && *parser->text <= '9') value = value * 10 + (*parser->text++ - '0');
  } else {
    fail(parser, 2);
  }
  // What the frame held is still there.
  for (unsigned i = 0; i < sizeof padding; ++i)
    if (padding[i] != parser->depth - 1) abort();
  --parser->depth;
  return value;
}

static long product(struct parser *parser) {
  long value = factor(parser);
  while (*parser->text == '*' || *parser->text == '/') {
    char operator= *parser->text++;
    long right = factor(parser);
    if (operator== '/' && right == 0) fail(parser, 4);
    value = operator== '*' ? value * right : value / right;
  }
  return value;
}

static long sum(struct parser *parser) {
  long value = product(parser);
  while (*parser->text == '+' || *parser->text == '-') {
    char operator= *parser->text++;
    long right = product(parser);
    value = operator== '+' ? value + right : value - right;
  }
  return value;
}

static void evaluate(const char *text) {
  static const char *const reasons[] = {"", "missing )", "no number", "too deep", "division by zero"};
  struct parser parser = {.text = text};
  int code = setjmp(parser.failed);
  if (code == 0) {
    long value = sum(&parser);
    printf("%s = %ld\n", text, value);
  } else {
    printf("%s: %s after %d, depth %d\n", text, reasons[code], (int)(parser.text - text), parser.depth);
  }
}

// Retries: one place that is jumped to many times. `volatile` is what the standard asks of locals that change.
static jmp_buf again;
static __attribute__((noinline)) void maybe_again(int tries) {
  if (tries < 5) longjmp(again, tries + 1);
}
static void retries(void) {
  volatile int total = 0;
  int tries = setjmp(again);
  total += tries;
  maybe_again(tries);
  printf("%d tries, total %d\n", tries, total);
}

// Nested places: a jump to the outer one passes the inner one over.
static jmp_buf outer, inner;
static __attribute__((noinline)) void jump(int which) {
  if (which == 1) longjmp(inner, 10);
  if (which == 2) longjmp(outer, 20);
  // The standard's special case.
  if (which == 3) longjmp(inner, 0);
}
static __attribute__((noinline)) int within(int which) {
  int code = setjmp(inner);
  if (code == 0) {
    jump(which);
    return 1;
  }
  return code;
}
static void nested(void) {
  for (volatile int which = 0; which < 4; ++which) {
    int code = setjmp(outer);
    if (code == 0)
      printf("nested %d: %d\n", which, within(which));
    else
      printf("nested %d: outer %d\n", which, code);
  }
}

// Over a call through a pointer, and through a function of the library.
static jmp_buf sorting;
static int compare(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  if (x == 13 || y == 13) longjmp(sorting, 13);
  return (x > y) - (x < y);
}
static void sorted(int special) {
  int numbers[64];
  uint32_t state = 1;
  for (int i = 0; i < 64; ++i) numbers[i] = (int)((state = state * 1664525 + 1013904223) >> 20) | 16;
  if (special) numbers[40] = 13;
  int code = setjmp(sorting);
  if (code) {
    printf("gave up at %d\n", code);
    return;
  }
  qsort(numbers, 64, sizeof numbers[0], compare);
  printf("sorted: %d to %d\n", numbers[0], numbers[63]);
}

// Two places of one function at once, taken in turn.
static jmp_buf left, right;
static __attribute__((noinline)) void turn(int step) {
  if (step & 1)
    longjmp(left, step);
  else
    longjmp(right, step);
}
static unsigned alternate(int count) {
  volatile unsigned hash = 1;
  volatile int step = 1;
  int code;
  if ((code = setjmp(left))) hash = hash * 31 + (unsigned)code;
  if ((code = setjmp(right))) hash = hash * 37 ^ (unsigned)code;
  if (step < count) {
    ++step;
    turn(step);
  }
  return hash;
}

int main(void) {
  const char *texts[] = {"1+2*3",     "(1+2)*3", "7*(8-(2+3))/2", "(1+2",  "3*", "10/(5-5)",
                         "((((1))))", "",        "2*(3+",         "9*9-1)"};
  for (unsigned i = 0; i < sizeof texts / sizeof *texts; ++i) evaluate(texts[i]);
  char deep[101];
  memset(deep, '(', 100);
  deep[100] = 0;
  evaluate(deep);
  retries();
  nested();
  sorted(0);
  sorted(1);
  printf("%08x\n", alternate(100000));
  return 5;
}
