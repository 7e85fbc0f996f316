// The Mandelbrot set.
#include "bench.h"

int main(int argc, char **argv) {
  unsigned height = bench_work(argc, argv, 600), width = 300;
  uint64_t sum = 0;
  for (unsigned py = 0; py < height; py++)
    for (unsigned px = 0; px < width; px++) {
      double cx = px * 3.0 / 300 - 2.1, cy = py * 2.6 / height - 1.3, x = 0, y = 0;
      int i = 0;
      for (; i < 500; i++) {
        double xx = x * x, yy = y * y;
        if (xx + yy > 4) break;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
      }
      sum = bench_mix(sum, (uint64_t)i);
    }
  return bench_done(sum);
}
