// What a request keeps for candidates that speak another wire format than its client. Private to the files of Request.
// Owner: a Request. Thread: the worker's loop.
#pragma once
#include <memory>
#include <string>

#include "llm/codec.h"
#include "llm/gemini_array.h"
#include "proxy/foreign.h"
#include "proxy/request.h"

namespace spillway {

struct Request::Translated {
  bool read = false;         // `request` is there, because some candidate needs it
  llm::ChatRequest request;  // the client's
  std::string body;          // of the running attempt, as its provider spells it
  Foreign foreign;
  llm::Refusal refusal;                     // why the last one did not fit
  std::unique_ptr<llm::GeminiArray> array;  // for a client that did not ask for events

  // For the relay; null: OpenAI's chat on both sides after all.
  const Foreign* of_attempt() const { return foreign.way.foreign() ? &foreign : nullptr; }
  // The attempt's request is `body`, not the client's own bytes.
  bool writes() const { return foreign.way.kind == Way::Kind::translate || !body.empty(); }
  void let_go() {
    request = {};
    std::string().swap(body);
  }
};

}  // namespace spillway
