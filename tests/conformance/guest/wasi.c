// Printing results, and the files and directories that the tests work on.
#include "wasi.h"

static const char *const NAMES[] = {
  "SUCCESS", "2BIG", "ACCES", "ADDRINUSE", "ADDRNOTAVAIL", "AFNOSUPPORT", "AGAIN", "ALREADY", "BADF", "BADMSG", "BUSY",
  "CANCELED", "CHILD", "CONNABORTED", "CONNREFUSED", "CONNRESET", "DEADLK", "DESTADDRREQ", "DOM", "DQUOT", "EXIST",
  "FAULT", "FBIG", "HOSTUNREACH", "IDRM", "ILSEQ", "INPROGRESS", "INTR", "INVAL", "IO", "ISCONN", "ISDIR", "LOOP",
  "MFILE", "MLINK", "MSGSIZE", "MULTIHOP", "NAMETOOLONG", "NETDOWN", "NETRESET", "NETUNREACH", "NFILE", "NOBUFS",
  "NODEV", "NOENT", "NOEXEC", "NOLCK", "NOLINK", "NOMEM", "NOMSG", "NOPROTOOPT", "NOSPC", "NOSYS", "NOTCONN", "NOTDIR",
  "NOTEMPTY", "NOTRECOVERABLE", "NOTSOCK", "NOTSUP", "NOTTY", "NXIO", "OVERFLOW", "OWNERDEAD", "PERM", "PIPE", "PROTO",
  "PROTONOSUPPORT", "PROTOTYPE", "RANGE", "ROFS", "SPIPE", "SRCH", "STALE", "TIMEDOUT", "TXTBSY", "XDEV", "NOTCAPABLE",
};

int show(const char *call, int errno_) {
  printf("%s: %s\n", call, (u32)errno_ < sizeof NAMES / sizeof *NAMES ? NAMES[errno_] : "no errno");
  return errno_;
}

void hex(const char *label, const void *bytes, u32 len) {
  printf("%s =", label);
  for (u32 i = 0; i < len; i++) printf("%s%02x", i % 4 ? "" : " ", ((const uint8_t *)bytes)[i]);
  printf("\n");
}

static void must(const char *what, const char *path, int errno_) {
  if (errno_ == 0) return;
  printf("cannot %s %s\n", what, path);
  show(what, errno_);
  exit(1);
}

u32 must_open(u32 directory, const char *path, u32 oflags, u64 rights, u32 fdflags) {
  u32 fd = 0;
  must("open", path, p1_path_open(directory, 0, path, strlen(path), oflags, rights, 0, fdflags, &fd));
  return fd;
}

void make_file(u32 directory, const char *path, const char *content) {
  u32 fd = must_open(directory, path, CREAT | TRUNC, WRITE, 0);
  struct vec iov = {(void *)content, strlen(content)};
  u32 written;
  must("write", path, p1_fd_write(fd, &iov, 1, &written));
  must("close", path, p1_fd_close(fd));
}

static void make_directory(u32 directory, const char *path) {
  must("create", path, p1_path_create_directory(directory, path, strlen(path)));
}

static void make_link(u32 directory, const char *path, const char *target) {
  must("link", path, p1_path_symlink(target, strlen(target), directory, path, strlen(path)));
}

u32 make_tree(const char *name) {
  make_directory(ROOT, name);
  u32 tree = must_open(ROOT, name, DIRECTORY, READ, 0);
  make_file(tree, "file", "content");
  make_directory(tree, "dir");
  make_file(tree, "dir/in", "inner");
  make_directory(tree, "empty");
  make_link(tree, "link", "file");
  make_link(tree, "dlink", "dir");
  make_link(tree, "elink", "empty");
  make_link(tree, "dangling", "missing-target");
  make_link(tree, "loop", "loop2");
  make_link(tree, "loop2", "loop");
  make_link(tree, "out", "../file");
  make_link(tree, "dir/up", "../file");
  make_link(tree, "dir/upup", "../../file");
  make_link(tree, "chain", "dlink/up");
  make_link(tree, "slashed", "dir/");
  make_link(tree, "fileslashed", "file/");
  make_link(tree, "self", ".");
  // The harness has put a link to an absolute path there, which no guest can make.
  const char *absolute = "absolute";
  must("link", absolute, p1_path_link(ROOT, 0, absolute, 8, tree, absolute, 8));
  return tree;
}

void make_kinds(struct kind kinds[KINDS]) {
  u32 tree = make_tree("kinds");
  u32 i = 0;
  kinds[i++] = (struct kind){"stdin", 0};
  kinds[i++] = (struct kind){"stdout", 1};
  kinds[i++] = (struct kind){"stderr", 2};
  kinds[i++] = (struct kind){"granted", ROOT};
  kinds[i++] = (struct kind){"directory", tree};
  kinds[i++] = (struct kind){"directory without rights", must_open(tree, "dir", 0, 0, 0)};
  make_file(tree, "a", "0123456789");
  make_file(tree, "b", "0123456789");
  make_file(tree, "c", "0123456789");
  make_file(tree, "d", "0123456789");
  kinds[i++] = (struct kind){"file to read", must_open(tree, "a", 0, READ, 0)};
  kinds[i++] = (struct kind){"file to write", must_open(tree, "b", 0, WRITE, 0)};
  kinds[i++] = (struct kind){"file for both", must_open(tree, "c", 0, READ | WRITE, 0)};
  kinds[i++] = (struct kind){"file to append", must_open(tree, "d", 0, READ | WRITE, APPEND)};
  kinds[i++] = (struct kind){"file without rights", must_open(tree, "a", 0, 0, 0)};
  kinds[i++] = (struct kind){"closed", must_open(tree, "a", 0, READ, 0)};
  must("close", "a", p1_fd_close(kinds[i - 1].fd));
  kinds[i++] = (struct kind){"never open", 99};
  kinds[i++] = (struct kind){"largest", 0x7fffffff};
  kinds[i++] = (struct kind){"negative", 0xffffffff};
}

static char long_name[255], longer_name[256], long_path[4095], longer_path[4096];

#define TEXT(text) {text, sizeof(text) - 1}
const struct path PATHS[] = {
  TEXT(""), TEXT("."), TEXT("./"), TEXT(".."), TEXT("../"), TEXT("/"), TEXT("//"), TEXT("/file"), TEXT("/etc/passwd"),
  TEXT("file"), TEXT("./file"), TEXT("file/"), TEXT("file//"), TEXT("file/."), TEXT("file/.."), TEXT("file/x"),
  TEXT("dir"), TEXT("dir/"), TEXT("dir//"), TEXT("dir/."), TEXT("dir/./"), TEXT("dir/.."), TEXT("dir/../"),
  TEXT("dir/../file"), TEXT("dir/../../file"), TEXT("dir/in"), TEXT("dir//in"), TEXT("dir/up"), TEXT("dir/upup"),
  TEXT("dir/../../kinds/file"), TEXT("empty"), TEXT("empty/"), TEXT("empty/."), TEXT("../file"), TEXT("../absolute"),
  TEXT("missing"), TEXT("missing/"), TEXT("missing/."), TEXT("missing/.."), TEXT("missing/x"), TEXT("dir/missing"),
  TEXT("dir/missing/"), TEXT("link"), TEXT("link/"), TEXT("link/x"), TEXT("dlink"), TEXT("dlink/"), TEXT("dlink/."),
  TEXT("dlink/.."), TEXT("dlink/in"), TEXT("dlink/up"), TEXT("elink"), TEXT("elink/"), TEXT("dangling"),
  TEXT("dangling/"), TEXT("dangling/x"), TEXT("loop"), TEXT("loop/"), TEXT("loop/x"), TEXT("out"), TEXT("out/"),
  TEXT("chain"), TEXT("slashed"), TEXT("slashed/in"), TEXT("fileslashed"), TEXT("self"), TEXT("self/"),
  TEXT("self/self/file"), TEXT("absolute"), TEXT("absolute/"), TEXT("absolute/passwd"), TEXT("fi\0le"), TEXT("file\0"),
  TEXT("\xff"), TEXT("f\xc3\xbc\xe2\x82\xac"), TEXT("a b\n"),
  {long_name, sizeof long_name}, {longer_name, sizeof longer_name}, {long_path, sizeof long_path},
  {longer_path, sizeof longer_path},
};
const u32 PATH_COUNT = sizeof PATHS / sizeof *PATHS;

__attribute__((constructor)) static void fill(void) {
  memset(long_name, 'n', sizeof long_name);
  memset(longer_name, 'n', sizeof longer_name);
  for (u32 i = 0; i < sizeof longer_path; i++) longer_path[i] = long_path[i % sizeof long_path] = "./"[i % 2];
  memcpy(long_path + sizeof long_path - 5, "/file", 5);
  memcpy(longer_path + sizeof longer_path - 5, "/file", 5);
}

const char *shown(const struct path *path) {
  static char text[128];
  if (path->len > 20) {
    snprintf(text, sizeof text, "%.6s...%.5s (%u)", path->text, path->text + path->len - 5, path->len);
    return text;
  }
  char *next = text;
  for (u32 i = 0; i < path->len; i++) {
    uint8_t byte = path->text[i];
    next += byte < 32 || byte > 126 ? sprintf(next, "\\%02x", byte) : sprintf(next, "%c", byte);
  }
  *next = 0;
  return text;
}
