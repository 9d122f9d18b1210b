// Embeddings in OpenAI's words, Ollama's, Gemini's and Cohere's: requests and answers each way, of Cohere's only what
// providers need, and vectors in the spelling that the client asked for (vectors.h).
//
// Numbers are copied as they are spelled wherever the spelling need not change. Order is that of the inputs. Thread:
// any, one scanner each.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llm/codec.h"

namespace spillway::llm {

struct EmbedRequest {
  std::vector<std::string> inputs;    // each as JSON: a string or a list of token ids
  bool token_ids = false;             // of the second kind
  bool base64 = false;                // how OpenAI's client wants its vectors
  bool one = false;                   // asked for one vector and no list: Ollama's older /api/embeddings, embedContent
  std::vector<std::string> requests;  // Gemini's, each as JSON, beside `inputs`
  std::int64_t dimensions = -1;
  std::string user, truncate;  // as JSON; empty: not said
  std::string input_type;      // what for, as Cohere calls it; empty: not said
};

// `wire` is openai_chat, ollama or gemini, for clients and providers alike; the latter may be cohere as well.
bool read_embed_request(Wire wire, const Node& root, EmbedRequest& out, Refusal& why);
// False: that provider cannot be told so.
bool write_embed_request(Wire wire, const EmbedRequest& request, std::string_view model, std::string& out,
                         JsonScanner& scanner, Refusal& why);

struct EmbedAnswer {
  std::string body;  // for the client; empty: the provider's serves as it is
  Tokens tokens;
};
// Kind::invalid: it is no answer of that wire, or one that lacks a vector. `model` is the client's name for it.
Result<EmbedAnswer> embed_answer(Wire provider, Wire client, const EmbedRequest& asked, std::string_view model,
                                 JsonScanner& scanner, std::string_view body, std::size_t room);

}  // namespace spillway::llm
