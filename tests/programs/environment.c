// Arguments, environment and the exit status.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv) {
    // argv[0] is the name of the executable, which is not the guest's to know.
    printf("%d arguments\n", argc - 1);
    for (int i = 1; i < argc; i++)
        printf("  [%s] %zu\n", argv[i], strlen(argv[i]));
    int count = 0;
    while (environ && environ[count])
        count++;
    if (count)
        qsort(environ, count, sizeof *environ, by_text);
    printf("%d variables\n", count);
    for (int i = 0; i < count; i++)
        printf("  %s\n", environ[i]);
    printf("GREETING is %s\n", getenv("GREETING") ? getenv("GREETING") : "unset");
    printf("MISSING is %s\n", getenv("MISSING") ? getenv("MISSING") : "unset");
    return argc > 1 ? atoi(argv[1]) : 0;
}
