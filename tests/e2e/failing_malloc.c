/* LD_PRELOAD: every SPW_FAIL_EVERYth allocation fails while switched on; SIGUSR2 switches. For row R2 of the fault map.
 * Counts over all threads, so that the failing one is another each time. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);

static atomic_int on;
static atomic_ulong count;
static unsigned long every = 1000;

static void turn(int number) {
  (void)number;
  atomic_fetch_xor(&on, 1);
}

__attribute__((constructor)) static void start(void) {
  const char* text = getenv("SPW_FAIL_EVERY");
  if (text != NULL) every = strtoul(text, NULL, 10);
  signal(SIGUSR2, turn);
}

static int fails(void) {
  if (!atomic_load_explicit(&on, memory_order_relaxed) || atomic_fetch_add(&count, 1) % every != every - 1) return 0;
  errno = ENOMEM;
  return 1;
}

void* malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void* calloc(size_t number, size_t size) { return fails() ? NULL : __libc_calloc(number, size); }
void* realloc(void* old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }
