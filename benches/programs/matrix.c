// Multiplies matrices of integers and of floats, in the textbook's order.
#include "bench.h"

enum { N = 96 };
static int ia[N][N], ib[N][N], ic[N][N];
static double da[N][N], db[N][N], dc[N][N];

static void multiply_int(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      int sum = 0;
      for (int k = 0; k < N; k++) sum += ia[i][k] * ib[k][j];
      ic[i][j] = sum;
    }
}

static void multiply_double(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double sum = 0;
      for (int k = 0; k < N; k++) sum += da[i][k] * db[k][j];
      dc[i][j] = sum;
    }
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 120);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      ia[i][j] = (int)(bench_random() % 1000);
      ib[i][j] = (int)(bench_random() % 1000);
      da[i][j] = (double)(bench_random() % 1000) / 8;
      db[i][j] = (double)(bench_random() % 1000) / 8;
    }
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    multiply_int();
    multiply_double();
    sum = bench_mix_bytes(sum, ic[round % N], sizeof ic[0]);
    sum = bench_mix_bytes(sum, dc[round % N], sizeof dc[0]);
    ia[round % N][round % 7] ^= 5;
    da[round % N][round % 5] += 0.5;
  }
  return bench_done(sum);
}
