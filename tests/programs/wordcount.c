// Counts lines, words and bytes of standard input, and the words by frequency.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
    char text[32];
    unsigned count;
};

static struct word words[512];
static unsigned used;

static int by_frequency(const void *a, const void *b) {
    const struct word *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->text, y->text);
}

static void add(const char *text) {
    for (unsigned i = 0; i < used; i++)
        if (!strcmp(words[i].text, text)) {
            words[i].count++;
            return;
        }
    if (used < sizeof words / sizeof *words) {
        strcpy(words[used].text, text);
        words[used++].count = 1;
    }
}

int main(void) {
    unsigned lines = 0, total = 0, bytes = 0, length = 0;
    char word[32];
    for (int c;;) {
        c = getchar();
        if (c != EOF) {
            bytes++;
            lines += c == '\n';
        }
        if (c != EOF && isalpha(c)) {
            if (length < sizeof word - 1)
                word[length++] = (char)tolower(c);
        } else if (length) {
            word[length] = 0;
            length = 0;
            total++;
            add(word);
        }
        if (c == EOF)
            break;
    }
    printf("%u lines, %u words, %u bytes\n", lines, total, bytes);
    qsort(words, used, sizeof *words, by_frequency);
    for (unsigned i = 0; i < used && i < 10; i++)
        printf("%3u %s\n", words[i].count, words[i].text);
    return 0;
}
