/* pin - keeps some callers on one tier: those of `keys`, and whoever sends the header `x-tier: NAME`. A copyable
 * example: rename it, change on_request, and name it in [[plugin]] and in a route's `policies`. */
#include <string.h>

#include "spillway_plugin.h"

typedef struct {
  spw_list keys;
  spw_str tier;
} pin_conf;

static int same(spw_str a, spw_str b) { return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0); }

static spw_verdict on_request(spw_call *call) {
  const pin_conf *conf = call->conf;
  const spw_str key = call->host->text(call, SPW_KEY_NAME);
  spw_str tier = call->host->header(call, "x-tier");
  for (size_t i = 0; i < conf->keys.len; ++i) { /* the operator's word comes before the caller's */
    if (same(conf->keys.ptr[i], key)) tier = conf->tier;
  }
  for (size_t i = 0; i < call->host->candidates(call) && tier.len > 0; ++i) {
    if (same(call->host->candidate_text(call, i, SPW_C_TIER), tier)) continue;
    call->host->exclude(call, i, SPW_X_POLICY, -1, SPW_STR("not in the tier this caller is pinned to"));
  }
  return SPW_NEXT;
}

static const spw_option options[] = {
    {"keys", SPW_TEXTS, offsetof(pin_conf, keys), "[]", 0, 0, "Names of [[key]]s that may use one tier only."},
    {"tier", SPW_TEXT, offsetof(pin_conf, tier), "\"free\"", 0, 0, "That tier."},
};

SPW_PLUGIN{.size = sizeof(spw_plugin),
           .name = "pin",
           .about = "Keeps callers on one tier.",
           .options = options,
           .n_options = 2,
           .conf_size = sizeof(pin_conf),
           .on_request = on_request};
