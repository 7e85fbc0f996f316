// POSIX threads of wasi-libc: a queue under a mutex with two condition variables, a parallel sum, a barrier, thread
// locals and keys, and many short threads. Every line of the output depends on all threads.
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS = 6, ITEMS = 6000, NUMBERS = 1 << 20, ROUNDS = 20, SHORT = 500 };

static void check(int error, const char *what) {
  if (error) {
    fprintf(stderr, "%s: %s\n", what, strerror(error));
    exit(1);
  }
}

// A bounded queue.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static uint32_t queue[16];
static unsigned head, count, closed;

static void put(uint32_t value) {
  check(pthread_mutex_lock(&mutex), "lock");
  while (count == 16) check(pthread_cond_wait(&not_full, &mutex), "wait");
  queue[(head + count++) % 16] = value;
  check(pthread_cond_signal(&not_empty), "signal");
  check(pthread_mutex_unlock(&mutex), "unlock");
}

static int take(uint32_t *value) {
  check(pthread_mutex_lock(&mutex), "lock");
  while (count == 0 && !closed) check(pthread_cond_wait(&not_empty, &mutex), "wait");
  int found = count != 0;
  if (found) {
    *value = queue[head];
    head = (head + 1) % 16;
    count--;
    check(pthread_cond_signal(&not_full), "signal");
  }
  check(pthread_mutex_unlock(&mutex), "unlock");
  return found;
}

static _Thread_local uint64_t own_sum;

static void *consumer(void *argument) {
  uint32_t value;
  while (take(&value)) own_sum += (uint64_t)value * value;
  *(uint64_t *)argument = own_sum;
  return argument;
}

// A parallel sum.
static uint32_t *numbers;
static pthread_barrier_t barrier;
static uint64_t partial[THREADS];

static void *adder(void *argument) {
  size_t own = (size_t)argument;
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t sum = 0;
    for (size_t i = own; i < NUMBERS; i += THREADS) sum += numbers[i];
    partial[own] = sum;
    int last = pthread_barrier_wait(&barrier);
    // One of them makes the next numbers of the sum of all.
    if (last == PTHREAD_BARRIER_SERIAL_THREAD) {
      uint64_t all = 0;
      for (int i = 0; i < THREADS; i++) all += partial[i];
      for (size_t i = 0; i < NUMBERS; i++) numbers[i] = numbers[i] * 1664525u + (uint32_t)all;
    }
    pthread_barrier_wait(&barrier);
  }
  return NULL;
}

// Keys, once, a lock of readers and writers, and allocation at the same time.
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static atomic_int made, destroyed;
static unsigned long written;

static void destroy(void *value) {
  free(value);
  atomic_fetch_add(&destroyed, 1);
}

static void make(void) {
  check(pthread_key_create(&key, destroy), "key");
  atomic_fetch_add(&made, 1);
}

static void *short_lived(void *argument) {
  check(pthread_once(&once, make), "once");
  char *text = malloc(100);
  snprintf(text, 100, "%zu", (size_t)argument);
  check(pthread_setspecific(key, text), "setspecific");
  check(pthread_rwlock_wrlock(&rwlock), "wrlock");
  written += strtoul(pthread_getspecific(key), NULL, 10);
  check(pthread_rwlock_unlock(&rwlock), "unlock");
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  uint64_t sums[THREADS], total = 0;
  for (int i = 0; i < THREADS; i++) check(pthread_create(&threads[i], NULL, consumer, &sums[i]), "create");
  for (uint32_t i = 1; i <= ITEMS; i++) put(i);
  pthread_mutex_lock(&mutex);
  closed = 1;
  pthread_cond_broadcast(&not_empty);
  pthread_mutex_unlock(&mutex);
  for (int i = 0; i < THREADS; i++) {
    void *result;
    check(pthread_join(threads[i], &result), "join");
    total += *(uint64_t *)result;
  }
  printf("queue: %llu, here %llu\n", (unsigned long long)total, (unsigned long long)own_sum);

  numbers = malloc(NUMBERS * sizeof *numbers);
  for (size_t i = 0; i < NUMBERS; i++) numbers[i] = i;
  check(pthread_barrier_init(&barrier, NULL, THREADS), "barrier");
  for (size_t i = 0; i < THREADS; i++) check(pthread_create(&threads[i], NULL, adder, (void *)i), "create");
  for (int i = 0; i < THREADS; i++) check(pthread_join(threads[i], NULL), "join");
  total = 0;
  for (int i = 0; i < THREADS; i++) total += partial[i];
  printf("sum: %llu, then %u\n", (unsigned long long)total, numbers[12345]);

  for (size_t i = 0; i < SHORT; i += 4) {
    for (size_t j = 0; j < 4; j++) check(pthread_create(&threads[j], NULL, short_lived, (void *)(i + j)), "create");
    for (size_t j = 0; j < 4; j++) check(pthread_join(threads[j], NULL), "join");
  }
  printf("short: %lu, %d, %d\n", written, atomic_load(&made), atomic_load(&destroyed));

  pthread_mutex_lock(&mutex);
  struct timespec soon;
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec += 20000000;
  if (soon.tv_nsec >= 1000000000) soon.tv_sec++, soon.tv_nsec -= 1000000000;
  closed = 0;
  int error = pthread_cond_timedwait(&not_empty, &mutex, &soon);
  printf("alone: %s\n", error == ETIMEDOUT ? "timed out" : "woken");
  pthread_mutex_unlock(&mutex);
}
