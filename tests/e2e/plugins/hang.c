/* A policy whose hook does not return: for `for_ms`, or for ever when that is 0 (row P2 of the fault map). */
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "spillway_plugin.h"

typedef struct {
  int64_t for_ms;
} conf;

static int64_t now_ms(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static spw_verdict on_request(spw_call *call) {
  const int64_t for_ms = ((const conf *)call->conf)->for_ms;
  const int64_t began = now_ms();
  while (for_ms == 0 || now_ms() - began < for_ms) {
  }
  return SPW_NEXT;
}

static const spw_option options[] = {
    {"for_ms", SPW_MS, offsetof(conf, for_ms), "0", 0, 60000, "How long; 0: for ever."}};
SPW_PLUGIN{.size = sizeof(spw_plugin),
           .name = "hang",
           .about = "Keeps the loop to itself.",
           .options = options,
           .n_options = 1,
           .conf_size = sizeof(conf),
           .on_request = on_request};
