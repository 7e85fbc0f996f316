// Serves one connection of a listening socket, whose descriptor is the first argument, and prints what each call gives.
#include "../conformance/guest/wasi.h"

static char buffer[64];

static void say(const char *what, int errno_, u32 len) {
  fprintf(stderr, "%s: %d", what, errno_);
  if (errno_ == 0 && len) fprintf(stderr, " %.*s", (int)len, buffer);
  fprintf(stderr, "\n");
}

int main(int argc, char **argv) {
  u32 listener = argc > 1 ? strtoul(argv[1], NULL, 0) : 3, socket = 0, len = 0;
  uint16_t flags = 0;
  uint8_t stat[24];
  say("fdstat", p1_fd_fdstat_get(listener, stat), 0);
  fprintf(stderr, "type %u\n", stat[0]);
  say("is no directory", p1_fd_prestat_get(listener, buffer), 0);
  say("nonblocking", p1_fd_fdstat_set_flags(listener, NONBLOCK), 0);
  say("nothing to accept", p1_sock_accept(listener, 0, &socket), 0);
  say("blocking", p1_fd_fdstat_set_flags(listener, 0), 0);
  struct vec iov = {buffer, sizeof buffer};
  say("receive from a listener", p1_sock_recv(listener, &iov, 1, 0, &len, &flags), 0);
  printf("ready\n");
  fflush(stdout);
  u64 subscription[6] = {5, 1, listener, 0, 0, 0}, events[4];
  say("poll", p1_poll_oneoff(subscription, events, 1, &len), 0);
  fprintf(stderr, "events %u, %llx\n", len, events[0]);
  say("accept", p1_sock_accept(listener, 0, &socket), 0);
  fprintf(stderr, "is %u\n", socket);
  say("fdstat", p1_fd_fdstat_get(socket, stat), 0);
  fprintf(stderr, "type %u\n", stat[0]);
  iov.len = 4;
  say("peek", p1_sock_recv(socket, &iov, 1, 1, &len, &flags), 4);
  say("receive", p1_sock_recv(socket, &iov, 1, 0, &len, &flags), 4);
  fprintf(stderr, "received %u, flags %u\n", len, flags);
  // It comes in two parts.
  struct vec two[2] = {{buffer, 3}, {buffer + 3, 7}};
  say("wait for all", p1_sock_recv(socket, two, 2, 2, &len, &flags), 10);
  fprintf(stderr, "received %u\n", len);
  iov.len = sizeof buffer;
  say("read", p1_fd_read(socket, &iov, 1, &len), 3);
  struct vec out[2] = {{"se", 2}, {"nt\n", 3}};
  say("send", p1_sock_send(socket, out, 2, 0, &len), 0);
  fprintf(stderr, "sent %u\n", len);
  say("write", p1_fd_write(socket, out, 2, &len), 0);
  say("seek", p1_fd_seek(socket, 0, 0, subscription), 0);
  say("shut down to write", p1_sock_shutdown(socket, 2), 0);
  say("send", p1_sock_send(socket, out, 1, 0, &len), 0);
  say("the end", p1_sock_recv(socket, &iov, 1, 0, &len, &flags), 0);
  fprintf(stderr, "received %u\n", len);
  say("close", p1_fd_close(socket), 0);
  say("accept without blocking", p1_sock_accept(listener, NONBLOCK, &socket), 0);
  say("fdstat", p1_fd_fdstat_get(socket, stat), 0);
  fprintf(stderr, "flags %u\n", stat[2]);
  say("nothing yet", p1_sock_recv(socket, &iov, 1, 0, &len, &flags), 0);
  return 0;
}
