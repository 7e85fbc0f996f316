// poll_oneoff, and sock_* on what is no socket.
#include "wasi.h"

#define EACH_KIND(kinds, i) \
  struct kind kinds[KINDS]; \
  make_kinds(kinds); \
  for (u32 i = 0; i < KINDS; i++)

struct subscription {
  u64 userdata;
  uint8_t tag;
  _Alignas(8) u32 id;
  u64 timeout;
  u64 precision;
  uint16_t flags;
};
_Static_assert(sizeof(struct subscription) == 48, "the layout of the witx document");

static struct subscription clock_(u64 userdata, u32 id, u64 timeout, uint16_t flags) {
  return (struct subscription){userdata, 0, id, timeout, 0, flags};
}

static struct subscription fd_(u64 userdata, uint8_t tag, u32 fd) {
  return (struct subscription){userdata, tag, fd, 0, 0, 0};
}

static u64 events[9 * 4];
static u32 count[3];

static int poll_(const char *label, const struct subscription *subscriptions, u32 len) {
  memset(events, 0xa5, sizeof events);
  memset(count, 0xa5, sizeof count);
  printf("%s ", label);
  int errno_ = T(poll_oneoff(subscriptions, events, len, &count[1]));
  hex("count", count, sizeof count);
  if (errno_) return errno_;
  for (u32 i = 0; i < count[1] && i < 8; i++) {
    uint8_t *bytes = (uint8_t *)&events[4 * i];
    printf("  userdata %llx errno %u type %u bytes %llu flags %u\n", events[4 * i], *(uint16_t *)(bytes + 8), bytes[10],
           events[4 * i + 2], *(uint16_t *)(bytes + 24));
  }
  hex("padding", (uint8_t *)events + 11, 5);
  hex("padding", (uint8_t *)events + 26, 6);
  hex("after", &events[4 * count[1]], 8);
  return errno_;
}

TEST(poll_oneoff) {
  EACH_KIND(kinds, i) {
    if (kinds[i].fd == 0) continue;
    struct subscription subscription = fd_(0x1234567890abcdef, 1, kinds[i].fd);
    printf("%s to be read ", kinds[i].name);
    poll_("", &subscription, 1);
    subscription.tag = 2;
    printf("%s to be written ", kinds[i].name);
    poll_("", &subscription, 1);
  }
  struct subscription stdin_ = fd_(9, 1, 0);
  poll_("standard input", &stdin_, 1);
  u64 now, then;
  for (u32 id = 0; id < 5; id++) {
    struct subscription clock = clock_(7, id, 2000000, 0);
    struct subscription two[2] = {clock, clock};
    printf("clock %u ", id);
    p1_clock_time_get(1, 0, &now);
    if (poll_("relative, two of them", two, 2) == 0) {
      p1_clock_time_get(1, 0, &then);
      printf("waited: %d\n", then - now >= 2000000);
    }
    two[0].flags = two[1].flags = 1;
    two[0].timeout = two[1].timeout = 1;
    printf("clock %u ", id);
    poll_("absolute and past", two, 2);
  }
  p1_clock_time_get(1, 0, &now);
  struct subscription absolute[2] = {clock_(1, 1, now + 3000000, 1), clock_(2, 1, now + 3600000000000, 1)};
  poll_("absolute", absolute, 2);
  p1_clock_time_get(1, 0, &then);
  printf("waited: %d\n", then - now >= 3000000);
  p1_clock_time_get(0, 0, &now);
  struct subscription real[2] = {clock_(1, 0, now + 3000000, 1), clock_(2, 0, now + 3600000000000, 1)};
  poll_("absolute, of the day", real, 2);
  struct subscription mixed[2] = {clock_(1, 1, 3600000000000, 0), fd_(2, 1, kinds[6].fd)};
  poll_("mixed", mixed, 2);
  // The end of a file.
  u64 at;
  T(fd_seek(kinds[6].fd, 0, 2, &at));
  poll_("at the end", &mixed[1], 1);
  T(fd_seek(kinds[6].fd, 100, 0, &at));
  poll_("beyond the end", &mixed[1], 1);
  // Errors.
  poll_("none", mixed, 0);
  struct subscription late[2] = {clock_(1, 1, 0, 0), fd_(1, 1, 99)};
  poll_("the second is bad", late, 2);
  struct subscription many[8];
  for (u32 i = 0; i < 8; i++) many[i] = fd_(i, 2, 1);
  poll_("one descriptor many times", many, 8);
}

TEST(sock_accept) {
  EACH_KIND(kinds, i) {
    u32 fd[3];
    memset(fd, 0xa5, sizeof fd);
    printf("%s ", kinds[i].name);
    T(sock_accept(kinds[i].fd, 0, &fd[1]));
    hex("fd", fd, sizeof fd);
  }
}

TEST(sock_recv) {
  char buffer[8];
  struct vec iov = {buffer, 8};
  EACH_KIND(kinds, i) {
    u32 words[4];
    memset(words, 0xa5, sizeof words);
    printf("%s ", kinds[i].name);
    T(sock_recv(kinds[i].fd, &iov, 1, 0, &words[1], &words[2]));
    hex("words", words, sizeof words);
  }
}

TEST(sock_send) {
  struct vec iov = {"x", 1};
  EACH_KIND(kinds, i) {
    u32 words[3];
    memset(words, 0xa5, sizeof words);
    printf("%s ", kinds[i].name);
    T(sock_send(kinds[i].fd, &iov, 1, 0, &words[1]));
    hex("words", words, sizeof words);
  }
}

TEST(sock_shutdown) {
  EACH_KIND(kinds, i) {
    for (u32 how = 1; how < 4; how++) {
      printf("%s ", kinds[i].name);
      T(sock_shutdown(kinds[i].fd, how));
    }
  }
}
