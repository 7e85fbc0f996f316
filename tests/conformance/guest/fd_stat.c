// fd_fdstat_*, fd_filestat_*, fd_readdir.
#include "wasi.h"

#define EACH_KIND(kinds, i) \
  struct kind kinds[KINDS]; \
  make_kinds(kinds); \
  for (u32 i = 0; i < KINDS; i++)

static void fdstat(u32 fd) {
  u64 stat[5];
  memset(stat, 0xa5, sizeof stat);
  if (T(fd_fdstat_get(fd, &stat[1])) == 0) {
    uint8_t *bytes = (uint8_t *)&stat[1];
    printf("type %u flags %u rights %llx inheriting %llx\n", bytes[0], *(uint16_t *)(bytes + 2), stat[2], stat[3]);
    hex("padding", bytes + 1, 1);
    hex("padding", bytes + 4, 4);
  } else {
    hex("untouched", &stat[1], 8);
  }
  hex("around", &stat[0], 8);
  hex("around", &stat[4], 8);
}

TEST(fd_fdstat_get) {
  EACH_KIND(kinds, i) {
    printf("%s ", kinds[i].name);
    fdstat(kinds[i].fd);
  }
  static const u32 FLAGS[] = {0, APPEND, NONBLOCK, APPEND | NONBLOCK, DSYNC, RSYNC, SYNC};
  for (u32 i = 0; i < sizeof FLAGS / 4; i++) {
    u32 fd, flags = FLAGS[i];
    printf("flags %u ", flags);
    if (T(path_open(ROOT, 0, P("kinds/file"), 0, READ | WRITE, 0, flags, &fd)) == 0) fdstat(fd);
  }
}

TEST(fd_fdstat_set_flags) {
  EACH_KIND(kinds, i) {
    printf("%s ", kinds[i].name);
    T(fd_fdstat_set_flags(kinds[i].fd, 0));
  }
  u32 fd = kinds[8].fd;
  for (u32 flags = 0; flags < 32; flags++) {
    printf("%u ", flags);
    T(fd_fdstat_set_flags(fd, flags));
    fdstat(fd);
  }
  // Appending, and no longer.
  struct vec iov = {"ab", 2};
  u32 len;
  u64 at;
  T(fd_fdstat_set_flags(fd, APPEND));
  T(fd_write(fd, &iov, 1, &len));
  T(fd_tell(fd, &at));
  T(fd_fdstat_set_flags(fd, 0));
  T(fd_seek(fd, 1, 0, &at));
  T(fd_write(fd, &iov, 1, &len));
  u32 synchronous = must_open(ROOT, "kinds/file", 0, READ | WRITE, APPEND);
  T(fd_fdstat_set_flags(synchronous, NONBLOCK));
  fdstat(synchronous);
}

TEST(fd_fdstat_set_rights) {
  EACH_KIND(kinds, i) {
    printf("%s ", kinds[i].name);
    T(fd_fdstat_set_rights(kinds[i].fd, 0, 0));
  }
  u32 fd = kinds[8].fd;
  T(fd_fdstat_set_rights(fd, READ, READ));
  T(fd_fdstat_set_rights(fd, READ | WRITE, 0));
  T(fd_fdstat_set_rights(fd, (1 << 30) - 1, (1 << 30) - 1));
  fdstat(fd);
}

TEST(fd_filestat_get) {
  EACH_KIND(kinds, i) {
    u64 stat[10];
    memset(stat, 0xa5, sizeof stat);
    printf("%s ", kinds[i].name);
    if (T(fd_filestat_get(kinds[i].fd, &stat[1])) == 0) {
      uint8_t type = stat[3];
      printf("type %u\n", type);
      hex("padding", (uint8_t *)&stat[3] + 1, 7);
      // Of a directory they are the file system's business.
      if (type != 3) printf("links %llu size %llu\n", stat[4], stat[5]);
      printf("ino %d times %d %d %d\n", stat[2] != 0, stat[6] != 0, stat[7] != 0, stat[8] != 0);
    } else {
      hex("untouched", &stat[1], 8);
    }
    hex("around", &stat[0], 8);
    hex("around", &stat[9], 8);
  }
  u64 first[8], second[8];
  u32 again = must_open(ROOT, "kinds/a", 0, READ, 0);
  T(fd_filestat_get(kinds[6].fd, first));
  T(fd_filestat_get(again, second));
  printf("same: %d %d\n", first[0] == second[0], first[1] == second[1]);
  T(fd_filestat_get(kinds[8].fd, second));
  printf("another: %d\n", first[1] != second[1]);
}

TEST(fd_filestat_set_size) {
  EACH_KIND(kinds, i) {
    printf("%s ", kinds[i].name);
    T(fd_filestat_set_size(kinds[i].fd, 4));
  }
  u32 fd = kinds[8].fd;
  T(fd_filestat_set_size(fd, 12));
  T(fd_filestat_set_size(fd, (u64)INT64_MAX + 1));
  T(fd_filestat_set_size(fd, UINT64_MAX));
  u64 stat[8];
  T(fd_filestat_get(fd, stat));
  printf("size %llu\n", stat[4]);
  T(fd_filestat_set_size(kinds[9].fd, 0));
}

static void times(u32 fd) {
  u64 stat[8];
  if (p1_fd_filestat_get(fd, stat)) return;
  for (u32 i = 5; i < 7; i++) {
    if (stat[i] < 1000000000000000000) printf("%s %llu\n", i == 5 ? "atim" : "mtim", stat[i]);
    else printf("%s now\n", i == 5 ? "atim" : "mtim");
  }
}

TEST(fd_filestat_set_times) {
  EACH_KIND(kinds, i) {
    printf("%s ", kinds[i].name);
    T(fd_filestat_set_times(kinds[i].fd, 1000000001, 2000000002, 5));
    times(kinds[i].fd);
  }
  u32 fd = kinds[8].fd;
  for (u32 flags = 0; flags < 16; flags++) {
    T(fd_filestat_set_times(fd, 77000000000, 88000000000, 5));
    printf("%u ", flags);
    T(fd_filestat_set_times(fd, 3000000003, 4000000004, flags));
    times(fd);
  }
  T(fd_filestat_set_times(99, 0, 0, 3));
  T(fd_filestat_set_times(fd, 0, 1, 5));
  times(fd);
  // For the tree that is left.
  T(fd_filestat_set_times(fd, 5, 123456789123456789, 5));
}

struct entry { u64 next; char name[256]; uint8_t type; };

// Lists a directory with a buffer of `room` bytes, and prints the entries by name: their order is the host's.
static void list(u32 fd, u32 room) {
  static uint8_t buffer[8192];
  static struct entry entries[64];
  u32 count = 0, calls = 0;
  u64 cookie = 0;
  for (;;) {
    u32 used = 0;
    int errno_ = p1_fd_readdir(fd, buffer, room, cookie, &used);
    calls++;
    if (errno_) { show("fd_readdir", errno_); return; }
    u32 at = 0, complete = 0;
    while (at + 24 <= used) {
      u32 len = *(u32 *)(buffer + at + 16);
      if (at + 24 + len > used) break;
      struct entry *entry = &entries[count++];
      memcpy(&entry->next, buffer + at, 8);
      memcpy(entry->name, buffer + at + 24, len);
      entry->name[len] = 0;
      entry->type = buffer[at + 20];
      cookie = entry->next;
      at += 24 + len;
      complete++;
    }
    if (used < room) break;
    if (!complete) { printf("no entry fits into %u\n", room); return; }
  }
  for (u32 i = 0; i < count; i++) {
    u32 least = i;
    for (u32 j = i + 1; j < count; j++) if (strcmp(entries[j].name, entries[least].name) < 0) least = j;
    struct entry entry = entries[least];
    entries[least] = entries[i];
    entries[i] = entry;
    printf("  %s %u\n", entry.name, entry.type);
  }
  printf("%u entries, more than one call: %d\n", count, calls > 1);
}

TEST(fd_readdir) {
  static uint8_t buffer[4096];
  EACH_KIND(kinds, i) {
    u32 used = 77;
    memset(buffer, 0xa5, 64);
    printf("%s ", kinds[i].name);
    // Room for the first two entries and nothing else.
    if (T(fd_readdir(kinds[i].fd, buffer, 51, 0, &used)) == 0) {
      printf("used %u\n", used);
      memset(buffer + 8, 0, 8);
      memset(buffer + 33, 0, 8);
      hex("buffer", buffer, 56);
    }
  }
  u32 tree = kinds[4].fd;
  const u32 rooms[] = {8192, 512, 100, 64, 40};
  for (u32 i = 0; i < sizeof rooms / 4; i++) {
    printf("room %u\n", rooms[i]);
    list(tree, rooms[i]);
  }
  // Every size up to the third entry: what is written, and what is not.
  for (u32 room = 0; room < 52; room++) {
    u32 used = 77;
    memset(buffer, 0xa5, 64);
    printf("%u ", room);
    T(fd_readdir(tree, buffer, room, 0, &used));
    memset(buffer + 8, 0, room < 8 ? 0 : 8);
    if (room >= 33) memset(buffer + 33, 0, 8);
    printf("used %u ", used);
    hex("buffer", buffer, 56);
  }
  u32 used;
  T(fd_readdir(tree, buffer, 25, 1, &used));
  printf("%u %llu\n", used, *(u64 *)buffer);
  // The end, again and again.
  u32 empty = must_open(ROOT, "kinds/empty", DIRECTORY, READ, 0);
  for (u64 cookie = 0; cookie < 4; cookie++) {
    printf("%llu ", cookie);
    T(fd_readdir(empty, buffer, 4096, cookie, &used));
    printf("%u\n", used);
  }
  // Entries that come and go while a directory is open.
  make_file(empty, "new", "");
  list(empty, 4096);
  T(path_unlink_file(empty, P("new")));
  list(empty, 4096);
  T(path_remove_directory(ROOT, P("kinds/empty")));
  list(empty, 4096);
}
