// The Mandelbrot set as text, and a checksum of the iteration counts of a finer picture in single precision.
#include <stdint.h>
#include <stdio.h>

int main(void) {
    for (int row = 0; row < 32; row++) {
        char line[79];
        for (int column = 0; column < 78; column++) {
            double cx = -2.2 + column * (3.2 / 78), cy = -1.2 + row * (2.4 / 31), x = 0, y = 0;
            int n = 0;
            for (; n < 200 && x * x + y * y < 4; n++) {
                double t = x * x - y * y + cx;
                y = 2 * x * y + cy;
                x = t;
            }
            line[column] = " .:-=+*%@#"[n == 200 ? 9 : n % 9];
        }
        line[78] = 0;
        puts(line);
    }
    uint32_t checksum = 2166136261u;
    for (int row = 0; row < 300; row++)
        for (int column = 0; column < 400; column++) {
            float cx = -2.2f + column * 0.008f, cy = -1.2f + row * 0.008f, x = 0, y = 0;
            uint32_t n = 0;
            for (; n < 100 && x * x + y * y < 4; n++) {
                float t = x * x - y * y + cx;
                y = 2 * x * y + cy;
                x = t;
            }
            checksum = (checksum ^ n) * 16777619u;
        }
    printf("%08x\n", checksum);
    return 0;
}
