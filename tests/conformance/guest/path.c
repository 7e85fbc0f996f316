// The path_* functions, each on every path of the list.
#include "wasi.h"

// A tree of its own for each path, so that what one call changes no other sees. `case` numbers them.
#define EACH_PATH(prefix, tree, path) \
  for (u32 number = 0; number < PATH_COUNT; number++) \
    for (const struct path *path = &PATHS[number]; path; path = NULL) \
      for (u32 tree = number_tree(prefix, number); tree; p1_fd_close(tree), tree = 0)

static u32 number_tree(const char *prefix, u32 number) {
  char name[16];
  snprintf(name, sizeof name, "%s%02u", prefix, number);
  // Never altered: what the others are compared with.
  if (number == 0) {
    static int made;
    if (!made++) p1_fd_close(make_tree("template"));
  }
  printf("%s \"%s\" ", name, shown(&PATHS[number]));
  return make_tree(name);
}

static void bad_directories(int (*call)(u32 fd)) {
  struct kind kinds[KINDS];
  make_kinds(kinds);
  for (u32 i = 0; i < KINDS; i++) {
    printf("%s ", kinds[i].name);
    show("call", call(kinds[i].fd));
  }
}

static int create_in(u32 fd) { return p1_path_create_directory(fd, P("d")); }
TEST(path_create_directory) {
  EACH_PATH("c", tree, path) T(path_create_directory(tree, path->text, path->len));
  bad_directories(create_in);
  T(path_create_directory(99, P("\xff")));
}

// One tree for all paths, where nothing is changed.
#define EACH_PATH_IN(name, tree, path) \
  for (u32 tree = make_tree(name); tree; p1_fd_close(tree), tree = 0) \
    for (const struct path *path = PATHS; path < PATHS + PATH_COUNT && printf("%s \"%s\" ", name, shown(path)); path++)

static void filestat(u32 tree, u32 flags, const struct path *path) {
  u64 stat[10];
  memset(stat, 0xa5, sizeof stat);
  printf("%u ", flags);
  if (show("filestat", p1_path_filestat_get(tree, flags, path->text, path->len, &stat[1])) == 0) {
    uint8_t type = stat[3];
    printf("type %u\n", type);
    if (type != 3) printf("links %d size %llu\n", stat[4] == 1, stat[5]);
    printf("times %d %d %d\n", stat[6] != 0, stat[7] != 0, stat[8] != 0);
  } else {
    hex("untouched", &stat[1], 8);
  }
  if (stat[0] != 0xa5a5a5a5a5a5a5a5 || stat[9] != stat[0]) printf("written outside\n");
}

static int stat_in(u32 fd) { u64 stat[8]; return p1_path_filestat_get(fd, 0, P("in"), stat); }
TEST(path_filestat_get) {
  EACH_PATH_IN("tree", tree, path) {
    filestat(tree, 0, path);
    filestat(tree, FOLLOW, path);
  }
  bad_directories(stat_in);
  u64 stat[8], again[8];
  u32 tree = make_tree("same");
  T(path_filestat_get(99, 0, P("\xff"), stat));
  T(path_filestat_get(tree, 0, P("file"), stat));
  T(path_filestat_get(tree, 1, P("link"), again));
  printf("same: %d %d\n", stat[0] == again[0], stat[1] == again[1]);
  T(path_filestat_get(tree, 0, P("link"), again));
  printf("another: %d\n", stat[1] != again[1]);
  T(fd_filestat_get(must_open(tree, "file", 0, READ, 0), again));
  printf("same: %d %d\n", stat[0] == again[0], stat[1] == again[1]);
}

static void times(u32 tree, const char *path, u32 flags) {
  u64 stat[8];
  if (p1_path_filestat_get(tree, flags, path, strlen(path), stat)) return;
  for (u32 i = 5; i < 7; i++) {
    if (stat[i] < 1000000000000000000) printf("%s %llu\n", i == 5 ? "atim" : "mtim", stat[i]);
    else printf("%s now\n", i == 5 ? "atim" : "mtim");
  }
}

static int touch_in(u32 fd) { return p1_path_filestat_set_times(fd, 0, P("in"), 1, 2, 5); }
TEST(path_filestat_set_times) {
  EACH_PATH("c", tree, path) {
    T(path_filestat_set_times(tree, 0, path->text, path->len, 1000000001, 2000000002, 5));
    T(path_filestat_set_times(tree, FOLLOW, path->text, path->len, 3000000003, 4000000004, 5));
  }
  bad_directories(touch_in);
  u32 tree = make_tree("flags");
  for (u32 flags = 0; flags < 16; flags++) {
    T(path_filestat_set_times(tree, 0, P("file"), 77000000000, 88000000000, 5));
    printf("%u ", flags);
    T(path_filestat_set_times(tree, 0, P("file"), 3000000003, 4000000004, flags));
    times(tree, "file", 0);
  }
  T(path_filestat_set_times(99, 0, P("file"), 0, 0, 3));
  // A link itself, and what it leads to.
  T(path_filestat_set_times(tree, 0, P("link"), 11000000000, 12000000000, 5));
  times(tree, "link", 0);
  T(path_filestat_set_times(tree, FOLLOW, P("link"), 13000000000, 14000000000, 5));
  times(tree, "file", 0);
}

static int link_in(u32 fd) { return p1_path_link(fd, 0, P("in"), fd, P("second")); }
static int link_from(u32 fd) { return p1_path_link(fd, 0, P("in"), OTHER, P("second")); }
static int link_to(u32 fd) { return p1_path_link(OTHER, 0, P("x"), fd, P("third")); }
TEST(path_link) {
  EACH_PATH("f", tree, path) T(path_link(tree, 0, path->text, path->len, tree, P("new")));
  EACH_PATH("g", tree, path) T(path_link(tree, FOLLOW, path->text, path->len, tree, P("new")));
  EACH_PATH("t", tree, path) T(path_link(tree, 0, P("file"), tree, path->text, path->len));
  EACH_PATH("u", tree, path) T(path_link(tree, 0, P("link"), tree, path->text, path->len));
  bad_directories(link_in);
  make_file(OTHER, "x", "x");
  u32 tree = make_tree("more");
  T(path_link(tree, 0, P("dir"), tree, P("new")));
  T(path_link(tree, 0, P("file"), OTHER, P("from-tree")));
  T(path_link(99, 0, P("\xff"), tree, P("odd")));
  T(path_link(tree, 0, P("\xff"), 99, P("odd")));
  T(path_link(tree, 0, P("file"), tree, P("file")));
  for (u32 i = 0; i < 2; i++) {
    static const u32 fds[] = {0, 99};
    show("from", link_from(fds[i]));
    show("to", link_to(fds[i]));
  }
}

static void opened(u32 fd) {
  u64 stat[3];
  if (p1_fd_fdstat_get(fd, stat)) return;
  uint8_t *bytes = (uint8_t *)stat;
  printf("type %u flags %u rights %llx\n", bytes[0], *(uint16_t *)(bytes + 2), stat[1]);
  p1_fd_close(fd);
}

static int open_in(u32 fd) { u32 opened; return p1_path_open(fd, 0, P("in"), 0, READ, 0, 0, &opened); }
TEST(path_open) {
  static const struct { const char *name; u32 lookup, oflags, rights; } WAYS[] = {
    {"r", 0, 0, READ}, {"f", FOLLOW, 0, READ}, {"w", FOLLOW, 0, WRITE}, {"b", FOLLOW, 0, READ | WRITE},
    {"g", FOLLOW, DIRECTORY, READ}, {"h", 0, DIRECTORY, READ}, {"n", FOLLOW, 0, 0},
    {"c", FOLLOW, CREAT, READ | WRITE}, {"d", 0, CREAT, WRITE}, {"x", FOLLOW, CREAT | EXCL, WRITE},
    {"t", FOLLOW, TRUNC, WRITE}, {"u", 0, CREAT | TRUNC, WRITE},
  };
  for (u32 way = 0; way < sizeof WAYS / sizeof *WAYS; way++) {
    u32 shared = WAYS[way].oflags & (CREAT | TRUNC) ? 0 : make_tree(WAYS[way].name);
    for (u32 number = 0; number < PATH_COUNT; number++) {
      const struct path *path = &PATHS[number];
      u32 tree = shared;
      if (shared) printf("%s \"%s\" ", WAYS[way].name, shown(path));
      else tree = number_tree(WAYS[way].name, number);
      u32 fd[3];
      memset(fd, 0xa5, sizeof fd);
      int errno_ = p1_path_open(tree, WAYS[way].lookup, path->text, path->len, WAYS[way].oflags, WAYS[way].rights, 0, 0, &fd[1]);
      if (show("path_open", errno_) == 0) {
        opened(fd[1]);
      } else if (fd[1] != 0xa5a5a5a5) {
        printf("written %x\n", fd[1]);
      }
      if (!shared) p1_fd_close(tree);
      if (fd[0] != 0xa5a5a5a5 || fd[2] != fd[0]) printf("written outside\n");
    }
  }
}

TEST(path_open_flags) {
  bad_directories(open_in);
  p1_fd_close(make_tree("template"));
  u32 tree = make_tree("flags"), fd;
  for (u32 oflags = 0; oflags < 16; oflags++) {
    static const char *const names[] = {"file", "dir", "new", "link"};
    for (u32 i = 0; i < 4; i++) {
      for (u32 rights = 0; rights < 4; rights++) {
        char name[32];
        snprintf(name, sizeof name, "o%u-%s-%u", oflags, names[i], rights);
        u32 own = make_tree(name);
        printf("%s ", name);
        u64 bits = (rights & 1 ? READ : 0) | (rights & 2 ? WRITE : 0);
        int errno_ = p1_path_open(own, FOLLOW, names[i], strlen(names[i]), oflags, bits, 0, 0, &fd);
        if (show("path_open", errno_) == 0) opened(fd);
        p1_fd_close(own);
      }
    }
  }
  static const u32 FLAGS[] = {0, APPEND, NONBLOCK, APPEND | NONBLOCK, DSYNC, RSYNC, SYNC};
  for (u32 i = 0; i < sizeof FLAGS / 4; i++) {
    u32 fdflags = FLAGS[i];
    printf("%u ", fdflags);
    if (T(path_open(tree, 0, P("file"), 0, READ | WRITE, 0, fdflags, &fd)) == 0) opened(fd);
    printf("%u ", fdflags);
    if (T(path_open(tree, 0, P("dir"), 0, READ, 0, fdflags, &fd)) == 0) opened(fd);
    printf("%u ", fdflags);
    if (T(path_open(tree, 0, P("file"), 0, READ, 0, fdflags, &fd)) == 0) opened(fd);
  }
  T(path_open(99, 0, P("\xff"), 0, READ, 0, 0, &fd));
  T(path_open(99, 0, P("file"), DIRECTORY | CREAT, READ, 0, 0, &fd));
  for (u32 bit = 0; bit < 30; bit++) {
    printf("right %u ", bit);
    if (T(path_open(tree, 0, P("file"), 0, 1ull << bit, 0, 0, &fd)) == 0) opened(fd);
  }
  T(path_open(tree, 0, P("file"), 0, (1 << 30) - 1, (1 << 30) - 1, 0, &fd));
  // Through a directory that is opened without any rights.
  u32 dir = must_open(tree, "dir", DIRECTORY, 0, 0);
  if (T(path_open(dir, 0, P("in"), 0, READ | WRITE, 0, 0, &fd)) == 0) opened(fd);
  if (T(path_open(dir, 0, P("made"), CREAT, WRITE, 0, 0, &fd)) == 0) opened(fd);
  if (T(path_open(dir, 0, P("../file"), 0, READ, 0, 0, &fd)) == 0) opened(fd);
  if (T(path_open(dir, 0, P(".."), 0, READ, 0, 0, &fd)) == 0) opened(fd);
}

static int readlink_in(u32 fd) { char buffer[8]; u32 used; return p1_path_readlink(fd, P("link"), buffer, 8, &used); }
TEST(path_readlink) {
  char buffer[32];
  EACH_PATH_IN("tree", tree, path) {
    u32 used[3];
    memset(used, 0xa5, sizeof used);
    memset(buffer, 0xa5, sizeof buffer);
    show("readlink", p1_path_readlink(tree, path->text, path->len, buffer, sizeof buffer, &used[1]));
    hex("used", used, sizeof used);
    hex("buffer", buffer, 16);
  }
  bad_directories(readlink_in);
  u32 tree = make_tree("rooms");
  for (u32 room = 0; room < 16; room++) {
    u32 used = 77;
    memset(buffer, 0xa5, sizeof buffer);
    printf("%u ", room);
    T(path_readlink(tree, P("dangling"), buffer, room, &used));
    printf("%u ", used);
    hex("buffer", buffer, 20);
  }
  u32 used;
  T(path_readlink(tree, P("file"), buffer, 0, &used));
  T(path_readlink(tree, P("missing"), buffer, 0, &used));
}

static int rmdir_in(u32 fd) { return p1_path_remove_directory(fd, P("empty")); }
TEST(path_remove_directory) {
  EACH_PATH("c", tree, path) T(path_remove_directory(tree, path->text, path->len));
  bad_directories(rmdir_in);
  u32 tree = make_tree("open"), dir = must_open(tree, "empty", DIRECTORY, READ, 0);
  T(path_remove_directory(tree, P("empty")));
  T(path_create_directory(dir, P("inside")));
  u64 stat[8];
  T(fd_filestat_get(dir, stat));
  T(path_filestat_get(dir, 0, P("."), stat));
}

static int rename_in(u32 fd) { return p1_path_rename(fd, P("in"), fd, P("moved")); }
TEST(path_rename) {
  EACH_PATH("f", tree, path) T(path_rename(tree, path->text, path->len, tree, P("new")));
  EACH_PATH("t", tree, path) T(path_rename(tree, P("file"), tree, path->text, path->len));
  EACH_PATH("d", tree, path) T(path_rename(tree, P("empty"), tree, path->text, path->len));
  EACH_PATH("g", tree, path) T(path_rename(tree, path->text, path->len, tree, P("new/")));
  bad_directories(rename_in);
  u32 tree = make_tree("more");
  T(path_rename(tree, P("dir"), tree, P("dir/below")));
  T(path_rename(tree, P("file"), tree, P("file")));
  T(path_rename(tree, P("file"), OTHER, P("arrived")));
  T(path_rename(tree, P("dir"), OTHER, P("dir")));
  T(path_rename(OTHER, P("arrived"), tree, P("dir2/x")));
  T(path_rename(99, P("\xff"), tree, P("x")));
  T(path_rename(tree, P("\xff"), 99, P("x")));
  T(path_rename(tree, P("link"), 0, P("x")));
  T(path_rename(0, P("link"), tree, P("x")));
  // What is open keeps what it is.
  u32 fd = must_open(tree, "dlink/../link", 0, READ, 0);
  T(path_rename(tree, P("link"), tree, P("renamed")));
  u64 stat[8];
  T(fd_filestat_get(fd, stat));
}

static int symlink_in(u32 fd) { return p1_path_symlink(P("target"), fd, P("symlink")); }
TEST(path_symlink) {
  EACH_PATH("t", tree, path) T(path_symlink(path->text, path->len, tree, P("new")));
  EACH_PATH("n", tree, path) T(path_symlink(P("file"), tree, path->text, path->len));
  bad_directories(symlink_in);
  T(path_symlink(P("\xff"), 99, P("x")));
  T(path_symlink(P("x"), 99, P("\xff")));
  T(path_symlink(P("/etc"), ROOT, P("\xff")));
}

static int unlink_in(u32 fd) { return p1_path_unlink_file(fd, P("in")); }
TEST(path_unlink_file) {
  EACH_PATH("c", tree, path) T(path_unlink_file(tree, path->text, path->len));
  bad_directories(unlink_in);
  u32 tree = make_tree("open"), fd = must_open(tree, "file", 0, READ | WRITE, 0);
  T(path_unlink_file(tree, P("file")));
  struct vec iov = {"still", 5};
  u32 len;
  T(fd_write(fd, &iov, 1, &len));
  u64 stat[8];
  T(fd_filestat_get(fd, stat));
  printf("links %llu size %llu\n", stat[3], stat[4]);
}
