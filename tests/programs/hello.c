// The smallest C program with buffered output.
#include <stdio.h>

int main(void) {
    printf("hello from C, %d\n", 42);
    return 0;
}
