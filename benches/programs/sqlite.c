// SQLite, in memory: inserts, an index, joins, groups, updates, text functions. The library is the amalgamation of the crate
// libsqlite3-sys, which is fetched at build.
#include "bench.h"
#include "sqlite3.h"

static sqlite3 *db;
static uint64_t sum;

static int row(void *context, int columns, char **values, char **names) {
  (void)context;
  (void)names;
  for (int i = 0; i < columns; i++)
    if (values[i]) sum = bench_mix_bytes(sum, values[i], strlen(values[i]));
  return 0;
}

static void execute(const char *sql) {
  char *message = NULL;
  if (sqlite3_exec(db, sql, row, NULL, &message) != SQLITE_OK) {
    fprintf(stderr, "%s: %s\n", sql, message);
    exit(1);
  }
}

static void fill(unsigned rows) {
  sqlite3_stmt *insert;
  sqlite3_prepare_v2(db, "INSERT INTO orders VALUES (?, ?, ?, ?)", -1, &insert, NULL);
  execute("BEGIN");
  for (unsigned i = 0; i < rows; i++) {
    char note[32];
    uint32_t r = bench_random();
    snprintf(note, sizeof note, "note %u of %u", (unsigned)(r % 97), i);
    sqlite3_bind_int(insert, 1, (int)i);
    sqlite3_bind_int(insert, 2, (int)(r % 500));
    sqlite3_bind_double(insert, 3, (r >> 8) / 64.0);
    sqlite3_bind_text(insert, 4, note, -1, SQLITE_TRANSIENT);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  execute("COMMIT");
  sqlite3_finalize(insert);
}

int main(int argc, char **argv) {
  unsigned rows = bench_work(argc, argv, 24000);
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, amount REAL, note TEXT)");
  execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)");
  execute("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 499) "
          "INSERT INTO customers SELECT i, printf('customer %04d', i * 7919 % 500) FROM n");
  fill(rows);
  execute("SELECT count(*), sum(amount), avg(length(note)) FROM orders");
  execute("CREATE INDEX by_customer ON orders (customer, amount)");
  execute("SELECT c.name, count(*), max(o.amount) FROM orders o JOIN customers c ON c.id = o.customer "
          "GROUP BY c.id ORDER BY 3 DESC, 1 LIMIT 20");
  execute("UPDATE orders SET amount = amount * 1.5, note = upper(note) WHERE customer % 3 = 0");
  execute("SELECT substr(note, 6, 3), count(*) FROM orders WHERE note LIKE '%7%' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10");
  execute("DELETE FROM orders WHERE id % 5 = 2");
  execute("SELECT a.id, b.id FROM orders a JOIN orders b ON b.customer = a.customer AND b.amount = a.amount AND b.id > a.id");
  execute("SELECT group_concat(name, '-') FROM (SELECT DISTINCT name FROM customers ORDER BY name DESC LIMIT 30)");
  execute("PRAGMA integrity_check");
  sqlite3_close(db);
  return bench_done(sum);
}
