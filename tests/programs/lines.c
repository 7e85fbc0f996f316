// Traps in a function that the compiler inlines, which a call by pointer reaches, for the source lines in backtraces.
static inline int element(volatile int *values, int index) {
    return values[index] * 2;
}

__attribute__((noinline)) static int sum(volatile int *values, int count) {
    int total = 0;
    for (int i = 0; i < count; i++)
        total += element(values, i);
    return total;
}

__attribute__((noinline)) static int
twice(int (*function)(volatile int *, int), volatile int *values) {
    return function(values, 4) +
           function(values, 5);
}

volatile int result;
int (*volatile chosen)(volatile int *, int) = sum;

__attribute__((export_name("_start"))) void start(void) {
    int values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    result = twice(chosen, values);
    result = twice(chosen, (volatile int *)0xfffffff0u);
}
