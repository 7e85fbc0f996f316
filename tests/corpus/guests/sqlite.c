// A small shell for SQLite: runs the statements of standard input on the database that is its argument, and prints what
// they select, one row a line.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite3.h"

static char *read_all(FILE *file) {
    size_t used = 0, size = 1 << 16;
    char *text = malloc(size);
    for (size_t n; (n = fread(text + used, 1, size - used - 1, file)) > 0;) {
        used += n;
        if (size - used < 2)
            text = realloc(text, size *= 2);
    }
    text[used] = 0;
    return text;
}

static void print_row(sqlite3_stmt *statement) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        if (i)
            putchar('|');
        if (sqlite3_column_type(statement, i) == SQLITE_NULL)
            fputs("NULL", stdout);
        else
            fputs((const char *)sqlite3_column_text(statement, i), stdout);
    }
    putchar('\n');
}

int main(int argc, char **argv) {
    sqlite3 *database;
    int failures = 0;
    if (sqlite3_open(argc > 1 ? argv[1] : ":memory:", &database) != SQLITE_OK) {
        printf("error: %s\n", sqlite3_errmsg(database));
        return 1;
    }
    for (const char *next = read_all(stdin); *next;) {
        sqlite3_stmt *statement = NULL;
        int result = sqlite3_prepare_v2(database, next, -1, &statement, &next);
        if (statement) {
            while ((result = sqlite3_step(statement)) == SQLITE_ROW)
                print_row(statement);
            result = sqlite3_finalize(statement);
        }
        if (result != SQLITE_OK) {
            printf("error: %s\n", sqlite3_errmsg(database));
            failures++;
            // The parser does not say where a bad statement ends: go on behind its semicolon.
            if (!statement && (next = strchr(next, ';')))
                next++;
            if (!next)
                break;
        }
    }
    sqlite3_close(database);
    return failures ? 3 : 0;
}
