// What an error's head, or its body, tells about waiting: Retry-After in all its forms, and the exhausted window.
// Thread: any.
#pragma once
#include "http/headers.h"
#include "llm/classify.h"
#include "llm/said.h"

namespace spillway {

// How long it asks to wait; -1: it does not say. `status` as classified, which inside a 2xx is the error's own.
std::int64_t asked_wait_ms(int status, const Headers& headers, const Said& said, std::int64_t wall_ms);

// A window as the head tells it; -1: it does not say. The reset is in milliseconds from now.
struct Window {
  std::int64_t limit = -1, remaining = -1, reset_ms = -1;
};
struct Windows {
  Window any;               // X-RateLimit-*: of requests, for whatever time (OpenRouter, Together)
  Window requests, tokens;  // these refill evenly; of several (a minute's, a day's) the one with least left
};
// What any answer's head tells, good ones too (semantics.md section 10). Gemini, Hugging Face, NVIDIA, Perplexity,
// DeepSeek and what people run themselves document no such fields; their errors say what there is.
Windows read_windows(const Headers& headers, std::int64_t wall_ms);

// Fills the waits, the reset and the quota of a verdict whose fault is known.
void read_waits(Verdict& verdict, int status, const Headers& headers, const Said& said, std::int64_t wall_ms);

}  // namespace spillway
