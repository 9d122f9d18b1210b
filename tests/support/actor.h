// Policies whose hooks are lambdas of a test: Actor<0>::on_request = [](spw_call* call) { ... }. What is not set is
// SPW_NEXT, 0 or nothing. Numbers tell actors apart; their names are actor_0, actor_1, ... Call Stage's constructor
// first: it forgets the hooks of the last test, and it keeps the list of what happened.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "spillway_plugin.h"

namespace spillway {

struct Stage {
  Stage();
  ~Stage();
  static Stage* now;
  std::vector<std::string> events;  // "0 request", "1 outcome 16", ...
  static void note(int actor, const std::string& what) {
    if (now != nullptr) now->events.push_back(std::to_string(actor) + " " + what);
  }
  std::vector<std::string> take() { return std::exchange(events, {}); }
};

struct Hooks {
  std::function<std::int32_t(spw_call*)> start, request, exhausted;
  std::function<void(spw_call*)> stop, end, status;
  std::function<std::int32_t(spw_call*, void*)> resume;
  std::function<std::int32_t(spw_call*, std::size_t)> attempt;
  std::function<void(spw_call*, std::size_t)> content;
  std::function<void(spw_call*, const spw_outcome*)> outcome;
  std::function<void(spw_call*, const spw_answer*)> answer;
  std::function<void(spw_call*, std::uint64_t)> timer;
  std::function<void(spw_call*, const spw_fetched*)> fetched;
};

struct ActorRequest {
  std::uint64_t word[5];
};

template <int N>
struct Actor {
  static inline Hooks hooks;
  static constexpr char kName[] = {'a', 'c', 't', 'o', 'r', '_', static_cast<char>('0' + N), 0};
  static constexpr spw_counter kCounters[] = {{"actor_seen", "Seen.", 0}, {"actor_level", "Level.", 1}};
  static constexpr spw_plugin plugin = {
      .size = sizeof(spw_plugin),
      .name = kName,
      .about = "A test's own.",
      .options = nullptr,
      .n_options = 0,
      .counters = kCounters,
      .n_counters = 2,
      .conf_size = 0,
      .worker_size = 64,
      .request_size = sizeof(ActorRequest),
      .worker_start = [](spw_call* call) { return hooks.start ? hooks.start(call) : 0; },
      .worker_stop =
          [](spw_call* call) {
            Stage::note(N, "stop");
            if (hooks.stop) hooks.stop(call);
          },
      .on_request =
          [](spw_call* call) {
            Stage::note(N, "request");
            return hooks.request ? hooks.request(call) : std::int32_t{SPW_NEXT};
          },
      .on_resume =
          [](spw_call* call, void* result) {
            Stage::note(N, "resume");
            return hooks.resume ? hooks.resume(call, result) : std::int32_t{SPW_NEXT};
          },
      .on_attempt =
          [](spw_call* call, std::size_t i) {
            Stage::note(N, "attempt " + std::to_string(i));
            return hooks.attempt ? hooks.attempt(call, i) : 0;
          },
      .on_content =
          [](spw_call* call, std::size_t i) {
            Stage::note(N, "content " + std::to_string(i));
            if (hooks.content) hooks.content(call, i);
          },
      .on_outcome =
          [](spw_call* call, const spw_outcome* outcome) {
            Stage::note(N, "outcome " + std::to_string(outcome->candidate) + " " + std::to_string(outcome->error));
            if (hooks.outcome) hooks.outcome(call, outcome);
          },
      .on_exhausted =
          [](spw_call* call) {
            Stage::note(N, "exhausted");
            return hooks.exhausted ? hooks.exhausted(call) : 0;
          },
      .on_answer =
          [](spw_call* call, const spw_answer* answer) {
            Stage::note(N, "answer");
            if (hooks.answer) hooks.answer(call, answer);
          },
      .on_end =
          [](spw_call* call) {
            Stage::note(N, "end");
            if (hooks.end) hooks.end(call);
          },
      .on_timer =
          [](spw_call* call, std::uint64_t cookie) {
            Stage::note(N, "timer " + std::to_string(cookie));
            if (hooks.timer) hooks.timer(call, cookie);
          },
      .on_fetched =
          [](spw_call* call, const spw_fetched* fetched) {
            Stage::note(N, "fetched " + std::to_string(fetched->status));
            if (hooks.fetched) hooks.fetched(call, fetched);
          },
      .status =
          [](spw_call* call) {
            if (hooks.status) hooks.status(call);
          },
  };
};

inline Stage* Stage::now = nullptr;
inline Stage::Stage() {
  now = this;
  Actor<0>::hooks = Actor<1>::hooks = Actor<2>::hooks = {};
}
inline Stage::~Stage() { now = nullptr; }

inline spw_str str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(spw_str text) { return {text.ptr == nullptr ? "" : text.ptr, text.len}; }

}  // namespace spillway
