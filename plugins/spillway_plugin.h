/* spillway_plugin.h - the whole contract between Spillway and a policy plugin.
 *
 * C11 (and C++), no dependencies: copy this file next to your source, build a shared object, name it in [[plugin]] and
 * in a route's `policies`. Spillway resolves one data symbol, spillway_plugin_v1, so it can list a plugin's options and
 * check a config without calling into it.
 *
 *   Threads   Hooks run on a worker's loop thread and must not block: the host measures, and ends the process when one
 *             does not return. Only functions marked ANY THREAD may be called off it.
 *   Lifetime  Every spw_str given to a hook, or returned by the host, is borrowed until the hook returns. What a
 *             plugin passes to the host is copied before the call returns. A call is good in its hook only; kept and
 *             used later, every function refuses.
 *   Order     on_request runs in config order; each plugin whose on_request ran gets on_end exactly once, in reverse.
 *   Growth    Fields and functions are only ever appended. `size` says how much of a struct the other side knows;
 *             absent tails read as zero. Anything else would be a new symbol, spillway_plugin_v2.
 *   Trust     A plugin is the operator's code inside the process. A library is never unloaded. */
#ifndef SPILLWAY_PLUGIN_H
#define SPILLWAY_PLUGIN_H
#include <stddef.h>
#include <stdint.h>
/* Laid out by hand, to be read in one sitting: */
/* clang-format off */
#ifdef __cplusplus
extern "C" {
#endif

typedef struct { const char *ptr; size_t len; } spw_str; /* not NUL-terminated */
typedef struct { const spw_str *ptr; size_t len; } spw_list;
#define SPW_STR(literal) ((spw_str){literal, sizeof(literal) - 1})

/* What a request hook decided. */
typedef int32_t spw_verdict;
enum {
  SPW_NEXT = 0,  /* go on: the next plugin, then the plan of candidates as it stands */
  SPW_REPLY = 1, /* reply() or replay() was called: stop the chain and answer */
  SPW_WAIT = 2,  /* suspend until resume(), at most the config's timeout_ms; from on_request and on_resume only */
  SPW_FAIL = -1, /* the plugin's own trouble: the config's on_error (open | closed) decides */
};

/* Facts of a request, by number; an unknown one reads as empty or zero. Text first, then whole numbers. */
typedef int32_t spw_fact;
enum {
  SPW_METHOD = 1, SPW_PATH, SPW_CLIENT_IP, SPW_KEY_NAME /* whose [[key]]; empty: open access */, SPW_REQUEST_ID,
  SPW_ROUTE /* the route's first model name */,
  SPW_API /* chat completions embeddings messages responses ollama gemini embed count_tokens other */,
  SPW_MODEL /* as asked */, SPW_USER, SPW_BODY /* as sent; empty once a stream began */,
  SPW_STREAM = 100, SPW_BODY_BYTES, SPW_PROMPT_TOKENS /* estimate */, SPW_MAX_TOKENS /* -1: not given */, SPW_TOOLS,
  SPW_IMAGES, SPW_RESPONSE_FORMAT, SPW_HAS_TEMPERATURE, SPW_TEMPERATURE_MILLI, SPW_HAS_SEED,
  SPW_ATTEMPTS /* so far */, SPW_STATUS /* sent to the client; on_end */, SPW_TTFT_US, SPW_TOTAL_US,
  SPW_IN_TOKENS, SPW_OUT_TOKENS, SPW_COST_NANO_USD, SPW_END_REASON /* SPW_END_*, on_end */,
  SPW_TIME_LEFT_MS /* until the first content must be there */,
};
enum { SPW_END_OK, SPW_END_CLIENT_GONE, SPW_END_UPSTREAM, SPW_END_REPLIED, SPW_END_REFUSED };

/* Facts of a candidate: one (provider, key, model) that could answer. Index 0 .. candidates()-1, stable per request. */
enum {
  SPW_C_PROVIDER = 1, SPW_C_MODEL, SPW_C_ACCOUNT, SPW_C_TIER,
  SPW_C_KEY_INFO /* what to fetch() to be told of the key's quota; empty: nothing */,
  SPW_C_UNFIT /* why it cannot answer this request, "no tools"; empty: it can, as far as is known */,
  SPW_C_TIER_INDEX = 100, SPW_C_RANK /* order inside the tier, lower first, 0 by default */, SPW_C_FREE,
  SPW_C_CONTEXT /* tokens, 0 unknown */, SPW_C_TOOLS /* 1 yes, 0 no, -1 unknown */, SPW_C_VISION,
  SPW_C_IN_FLIGHT, SPW_C_LATENCY_US /* moving average to the first byte, 0 unknown */, SPW_C_EXCLUDED, SPW_C_TRIED,
  SPW_C_LIMIT_RPM /* of the account's free models; 0 none */, SPW_C_LIMIT_RPD, SPW_C_QUALITY /* 0-100, -1 unknown */,
  SPW_C_HEALTH /* 0-100, -1 unknown */, SPW_C_QUOTAS /* how many, widest scope first; their facts are below */,
  SPW_C_WEIGHT = 200, SPW_C_PRICE_IN, SPW_C_PRICE_OUT /* doubles; USD per million tokens, -1 unknown */,
};
/* Facts of quota q of a candidate: SPW_C_QUOTA(q, SPW_Q_RPM). Whoever shares a quota has it under the same name. */
enum {
  SPW_Q_NAME /* text */, SPW_Q_SCOPE /* 1 account, 2 key, 3 project, 4 model */, SPW_Q_RPM /* 0 none */, SPW_Q_RPD,
  SPW_Q_TPM, SPW_Q_TPD, SPW_Q_RESET_MS /* when its day begins, in ms of the UTC day */,
};
#define SPW_C_QUOTA(q, fact) ((spw_fact)(1000 + 16 * (int32_t)(q) + (fact)))

/* Why a candidate is out of the plan; decides between 429 and 503 when none is left. */
enum { SPW_X_POLICY = 0, SPW_X_BROKEN, SPW_X_THROTTLED, SPW_X_QUOTA, SPW_X_CREDENTIAL, SPW_X_UNFIT };

/* Error classes of an attempt (the rows of the classifier). */
enum {
  SPW_E_NONE, SPW_E_CLIENT_GONE, SPW_E_FREE_DAY_QUOTA, SPW_E_FREE_MINUTE_QUOTA, SPW_E_IN_FLIGHT_BUDGET,
  SPW_E_NO_CREDIT, SPW_E_RATE_LIMITED, SPW_E_CONTEXT_LENGTH, SPW_E_CONTENT_POLICY, SPW_E_AUTH, SPW_E_UNSUPPORTED,
  SPW_E_NOT_FOUND, SPW_E_BAD_REQUEST, SPW_E_TIMEOUT, SPW_E_TRANSIENT, SPW_E_MID_STREAM,
  SPW_E_NOT_SENT /* admitted, then not sent after all: another plugin refused it, or the request ended */,
};

/* How an attempt ended. Times in microseconds or milliseconds as named; -1: not told. */
typedef struct {
  size_t size;
  size_t candidate;
  int32_t error;  /* SPW_E_* */
  int32_t status; /* the provider's; 0: transport */
  int64_t retry_after_ms, reset_unix_ms, quota_limit, quota_remaining;
  int64_t latency_us /* to the end */, ttft_us /* to the first content */, in_tokens, out_tokens;
  double cost_usd;
  int32_t streamed, content_seen;
  /* Windows of requests and of tokens that the answer's head told about; the reset is when all of it is free again */
  int64_t requests_limit, requests_left, requests_reset_ms, tokens_limit, tokens_left, tokens_reset_ms;
} spw_outcome;

/* A complete answer, kept because capture() was called. `blob` is opaque and meant for replay(). */
typedef struct {
  size_t size;
  int32_t status;
  int32_t success; /* 2xx, read to its proper end, with content and a finish reason; not cut, not over the bound */
  spw_str provider, model, blob;
} spw_answer;

/* The result of a fetch(), given to on_resume as `result`, or to on_fetched. */
typedef struct { size_t size; int32_t status /* 0: `body` says why */; spw_str type, body; } spw_fetched;

struct spw_host;
/* Handed to every hook. `worker` and `request` are zeroed, 16-byte aligned blocks of the sizes the plugin declares. */
typedef struct spw_call {
  size_t size;
  const struct spw_host *host;
  const void *conf; /* the plugin's own struct, filled from its option table */
  void *worker;     /* this plugin on this worker thread: no locks needed */
  void *request;    /* this plugin on this request; NULL in worker hooks */
  void *internal;   /* the host's */
} spw_call;

/* Everything a plugin may ask. Functions that return int32_t give 0 for done, -1 for refused (and a log line). */
typedef struct spw_host {
  size_t size;
  /* Reading the request and its plan */
  spw_str (*text)(const spw_call *, spw_fact);
  int64_t (*number)(const spw_call *, spw_fact);
  spw_str (*header)(const spw_call *, const char *name); /* the client's, first value */
  size_t (*candidates)(const spw_call *);
  spw_str (*candidate_text)(const spw_call *, size_t i, spw_fact);
  int64_t (*candidate_number)(const spw_call *, size_t i, spw_fact);
  double (*candidate_real)(const spw_call *, size_t i, spw_fact);
  /* Editing the plan: on_request, on_resume, on_attempt, on_outcome, on_exhausted. wait_ms: when it may be worth asking
   * again, -1 unknown; `reason` is shown in the trail and by explain. */
  int32_t (*exclude)(spw_call *, size_t i, int32_t why, int64_t wait_ms, spw_str reason);
  int32_t (*readmit)(spw_call *, size_t i); /* only what this plugin excluded */
  int32_t (*set_rank)(spw_call *, size_t i, int64_t rank);
  int32_t (*set_weight)(spw_call *, size_t i, double weight);
  /* Answering: then return SPW_REPLY */
  int32_t (*reply)(spw_call *, int32_t status, spw_str type, spw_str body);
  int32_t (*replay)(spw_call *, spw_str blob, int64_t age_ms); /* as JSON or stream, as the client asked */
  /* Headers: to the provider, to the client; note() is shown as x-spillway-NAME, in the access log and by explain. */
  int32_t (*set_upstream_header)(spw_call *, const char *name, spw_str value);
  int32_t (*set_answer_header)(spw_call *, const char *name, spw_str value);
  int32_t (*note)(spw_call *, const char *name, spw_str value);
  int32_t (*capture)(spw_call *, int64_t bytes_max); /* on_request: keep the answer for on_answer */
  /* SHA-256 of route, model, caller's key, API and the canonical JSON body less the top-level members in `without` */
  int32_t (*fingerprint)(spw_call *, spw_list without, uint8_t out[32]);
  /* Waiting: take a ticket, return SPW_WAIT. An accepted resume() reaches on_resume exactly once, unless the request
   * has ended or timed out meanwhile; `result` stays the plugin's. A stale ticket is refused. */
  uint64_t (*ticket)(spw_call *);
  int32_t (*resume)(uint64_t ticket, void *result); /* ANY THREAD: 1 taken, 0 stale */
  /* An HTTP request by the proxy's own client. With a ticket the answer resumes it; with 0 it comes to on_fetched.
   * provider://NAME/PATH goes below that provider's base_url, with its key, which no plugin sees. */
  int32_t (*fetch)(spw_call *, spw_str method, spw_str url, spw_str headers /* lines */, spw_str body,
                   int64_t timeout_ms, uint64_t ticket);
  int32_t (*timer)(spw_call *, int64_t after_ms, uint64_t cookie); /* on_timer once; of the worker, not the request */
  /* Zeroed 64-bit cells shared by all workers and generations, never freed; use C11 atomics or __atomic builtins. By
   * name, or one set per target, key or account of candidate i. The same n each time; NULL when over a limit. */
  uint64_t *(*cells)(spw_call *, spw_str name, size_t n);
  uint64_t *(*candidate_cells)(spw_call *, size_t i, int32_t scope, size_t n);
  /* Keyed state shared by all workers, least recently used out first; keys of 1 to 256 bytes. get: 1 found, 0 not.
   * lead: 1 found, 0 you make it (put or drop it; the request's end gives it up), 2 somebody is making it: return
   * SPW_WAIT, on_resume follows and may ask again. A request waits for one key at a time. */
  int32_t (*state_get)(spw_call *, spw_str key, spw_str *value, int64_t *age_ms);
  int32_t (*state_lead)(spw_call *, spw_str key, spw_str *value, int64_t *age_ms);
  int32_t (*state_put)(spw_call *, spw_str key, spw_str value, int64_t ttl_ms);
  int32_t (*state_drop)(spw_call *, spw_str key);
  int32_t (*state_bytes)(spw_call *, int64_t bytes_max); /* worker_start: this plugin's bound */
  /* Durable small values of at most 64 KiB, written behind; load is for worker_start. 1 found, 0 not. */
  int32_t (*save)(spw_call *, spw_str key, spw_str value);
  int32_t (*load)(spw_call *, spw_str key, spw_str *value);
  /* Services; clock and dice are the host's so that tests can fix them. Both clocks stand still within a hook. */
  uint64_t (*now_us)(const spw_call *);  /* monotonic */
  int64_t (*wall_ms)(const spw_call *);  /* Unix epoch */
  uint64_t (*random)(const spw_call *);
  void (*count)(const spw_call *, size_t counter, int64_t delta); /* a counter adds, a gauge is set */
  void (*log)(const spw_call *, int32_t level, spw_str message);  /* 0 error .. 3 debug */
  void (*print)(spw_call *, spw_str json); /* in status() and command(): appends to the document */
  /* SPW_C_PROVIDER, SPW_C_ACCOUNT or SPW_C_KEY_INFO of the config's i-th provider; in any hook; empty: no more */
  spw_str (*provider_text)(const spw_call *, size_t i, spw_fact);
} spw_host;
enum { SPW_SCOPE_TARGET, SPW_SCOPE_KEY, SPW_SCOPE_ACCOUNT }; /* of candidate_cells */

/* One option: parsed, checked, defaulted, documented from this row. `policies`, on_error, timeout_ms are the host's. */
enum { SPW_BOOL, SPW_INT, SPW_NUM, SPW_TEXT, SPW_MS, SPW_TEXTS };
typedef struct {
  const char *name;     /* key in [policy.NAME] */
  int32_t type;         /* BOOL->int32_t INT,MS->int64_t NUM->double TEXT->spw_str TEXTS->spw_list */
  size_t offset;        /* offsetof(my_conf, field) */
  const char *fallback; /* default in TOML syntax; NULL: required */
  double min, max;      /* numbers: range; text: length; both 0: unchecked */
  const char *about;    /* one sentence for the reference */
} spw_option;
typedef struct { const char *name, *about; int32_t gauge; } spw_counter; /* spillway_NAME{policy=...} in /metrics */

typedef struct {
  size_t size;       /* sizeof(spw_plugin) as the plugin was built */
  const char *name;  /* [a-z0-9_]+, unique in a config */
  const char *about; /* one sentence */
  const spw_option *options; size_t n_options;
  const spw_counter *counters; size_t n_counters;
  size_t conf_size, worker_size, request_size;
  /* Worker hooks: once per worker and config generation. 0, or refuse the config. */
  int32_t (*worker_start)(spw_call *);
  void (*worker_stop)(spw_call *); /* after the last request of its generation */
  /* Request hooks; any may be NULL. */
  spw_verdict (*on_request)(spw_call *); /* head and body are in: reply, wait, or edit the plan */
  spw_verdict (*on_resume)(spw_call *, void *result);
  int32_t (*on_attempt)(spw_call *, size_t i);     /* about to send: 0, or exclude() it and return -1 */
  void (*on_content)(spw_call *, size_t i);        /* its first content arrived */
  void (*on_outcome)(spw_call *, const spw_outcome *); /* once for each attempt that on_attempt admitted */
  int32_t (*on_exhausted)(spw_call *);             /* no candidate left, nothing sent: 1 after a readmit() */
  void (*on_answer)(spw_call *, const spw_answer *); /* after capture(), before on_end */
  void (*on_end)(spw_call *);                      /* always, last */
  void (*on_timer)(spw_call *, uint64_t cookie);
  void (*on_fetched)(spw_call *, const spw_fetched *);
  void (*status)(spw_call *); /* print() one JSON value: for the admin API and the dashboard */
  int32_t (*command)(spw_call *, spw_str words); /* an operator's, by the admin API: 0 done, -1 unknown; may print() */
} spw_plugin;

#define SPW_EXPORT __attribute__((visibility("default")))
#define SPW_HAS(s, f) ((s)->size >= offsetof(__typeof__(*(s)), f) + sizeof((s)->f))
#ifndef SPW_SYMBOL /* a build that links a plugin in gives it another name */
#define SPW_SYMBOL spillway_plugin_v1
#endif
extern SPW_EXPORT const spw_plugin SPW_SYMBOL;
#define SPW_PLUGIN const spw_plugin SPW_SYMBOL =

#ifdef __cplusplus
}
#endif
#endif
