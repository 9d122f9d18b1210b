// Where client and provider do not both speak OpenAI's API: which way a request takes to a provider then, and what of
// it the answer needs on its way back. Pure. Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "llm/codec.h"
#include "llm/embeddings.h"
#include "llm/fit.h"
#include "llm/signatures.h"
#include "upstream/endpoint.h"

namespace spillway {

struct Way {
  enum class Kind : std::uint8_t {
    pass,       // as it came, byte for byte
    translate,  // through the message model, both ways
    none,       // that provider has nothing of the kind
  } kind = Kind::pass;
  llm::Wire client = llm::Wire::openai_chat, provider = llm::Wire::openai_chat;
  bool embeds = false;  // embeddings: vectors may be spelled anew although all else passes
  // It is not OpenAI's chat or completions on both sides, so that the relay must look at it in another way.
  bool foreign() const {
    return kind == Kind::translate || embeds ||
           (client != llm::Wire::openai_chat && client != llm::Wire::openai_completions);
  }
};
// `native`: of counts of tokens and of embeddings that are not OpenAI's, which several wires have.
Way way_of(Api api, const Endpoint& endpoint, llm::Wire native = llm::Wire::anthropic);
inline Way way_of(const Operation& operation, const Endpoint& endpoint) {
  return way_of(operation.api, endpoint, operation.wire);
}

// What a provider of that address takes, as far as it is known (semantics.md section 10).
llm::Target target_of(const Endpoint& endpoint, llm::Wire wire, std::string_view model, std::int64_t output_most);

// Where a prompt with a suffix goes, behind the origin; empty: that provider does not fill in the middle.
std::string fill_path(const Endpoint& endpoint);

// OpenAI's newest models take no tools in chats, some only without effort; Responses do the same (ecosystem.md 0).
bool wants_responses(const Endpoint& endpoint, std::string_view model, const llm::ChatRequest& request);

// A refusal of ours by its status and OpenAI's code, as another wire words it.
llm::Case case_of(int status, std::string_view code);

llm::Failure failure_of(std::string_view message, std::string_view code);  // of a stream
// The same as the last event of a client's stream; `type` and `code` are OpenAI's words.
std::string error_event_of(llm::Wire client, std::string_view message, std::string_view type, std::string_view code);

// What an answer must become.
struct Foreign {
  Way way;           // of the running attempt
  llm::Asked asked;  // of translations
  llm::EmbedRequest embed;
  llm::SignatureBook signatures;  // who makes those that come
  bool silent = false;            // nothing was said, so an answer without words is one: Ollama has loaded its model
};

}  // namespace spillway
