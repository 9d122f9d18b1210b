/* A thread resumes its request long after that has ended. Cells: go, accepted, stale, done. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include "spillway_plugin.h"
typedef struct {
  const spw_host* host;
  uint64_t ticket, *cells;
} errand;
static void* run(void* given) {
  errand* e = given;
  while (!__atomic_load_n(&e->cells[0], __ATOMIC_ACQUIRE)) sched_yield();
  __atomic_fetch_add(&e->cells[e->host->resume(e->ticket, NULL) == 1 ? 1 : 2], 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&e->cells[3], 1, __ATOMIC_RELEASE);
  free(e);
  return NULL;
}
static spw_verdict on_request(spw_call* call) {
  errand* e = malloc(sizeof *e);
  *e = (errand){call->host, call->host->ticket(call), call->host->cells(call, SPW_STR("control"), 4)};
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, e) != 0) return SPW_FAIL;
  pthread_detach(thread);
  return SPW_WAIT;
}
SPW_PLUGIN{.size = sizeof(spw_plugin), .name = "late_resume", .on_request = on_request};
