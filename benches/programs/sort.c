// Sorts: quicksort, heapsort, and the library's qsort with a comparison function.
#include "bench.h"

enum { N = 60000 };
static int original[N], numbers[N];

static void quicksort(int *a, int low, int high) {
  while (low < high) {
    int pivot = a[low + (high - low) / 2], i = low, j = high;
    while (i <= j) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i <= j) {
        int t = a[i];
        a[i++] = a[j];
        a[j--] = t;
      }
    }
    if (j - low < high - i) {
      quicksort(a, low, j);
      low = i;
    } else {
      quicksort(a, i, high);
      high = j;
    }
  }
}

static void sift(int *a, int root, int end) {
  int value = a[root];
  for (int child; (child = 2 * root + 1) < end; root = child) {
    if (child + 1 < end && a[child + 1] > a[child]) child++;
    if (a[child] <= value) break;
    a[root] = a[child];
  }
  a[root] = value;
}

static void heapsort_own(int *a, int n) {
  for (int i = n / 2; i-- > 0;) sift(a, i, n);
  for (int end = n; end-- > 1;) {
    int t = a[0];
    a[0] = a[end];
    a[end] = t;
    sift(a, 0, end);
  }
}

static int compare(const void *x, const void *y) {
  int a = *(const int *)x, b = *(const int *)y;
  return (a > b) - (a < b);
}

int main(int argc, char **argv) {
  unsigned rounds = bench_work(argc, argv, 16);
  uint64_t sum = 0;
  for (unsigned round = 0; round < rounds; round++) {
    for (int i = 0; i < N; i++) original[i] = (int)bench_random();
    for (int method = 0; method < 3; method++) {
      memcpy(numbers, original, sizeof numbers);
      if (method == 0) quicksort(numbers, 0, N - 1);
      if (method == 1) heapsort_own(numbers, N);
      if (method == 2) qsort(numbers, N / 4, sizeof *numbers, compare);
      for (int i = 1; i < (method == 2 ? N / 4 : N); i++)
        if (numbers[i - 1] > numbers[i]) return 1;
      sum = bench_mix(sum, (uint32_t)numbers[N / 5]);
    }
  }
  return bench_done(sum);
}
