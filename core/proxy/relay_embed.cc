// The whole answers to clients that are no chats: vectors, spelled as the client wants them, and counts of tokens.
#include "llm/embeddings.h"
#include "proxy/relay.h"

namespace spillway {

Relay::State Relay::vectors_end() {
  const Foreign& foreign = *options_.foreign;
  held_.reserve(held_.size() + JsonScanner::kPadding);
  const Answer outline = read_answer(Api::other, scanner_, held_, held_.capacity());
  if (outline.readable && outline.has_error) return fail(classify(status_, Headers{}, held_, options_.wall_ms));
  Result<llm::EmbedAnswer> vectors = llm::embed_answer(foreign.way.provider, foreign.way.client, foreign.embed,
                                                       foreign.asked.model, scanner_, held_, held_.capacity());
  if (!vectors) return fail(unreadable(vectors.error().detail));
  answer_ = outline;
  if (!answer_.usage.known()) answer_.usage = llm::usage_of(vectors->tokens);
  if (!vectors->body.empty()) held_ = std::move(vectors->body);
  return release_whole();
}

Relay::State Relay::count_end() {
  held_.reserve(held_.size() + JsonScanner::kPadding);
  const llm::Node root = llm::read_node(scanner_, held_, held_.capacity());
  const bool gemini = options_.foreign->way.client == llm::Wire::gemini;
  if (root[gemini ? "totalTokens" : "input_tokens"].integer(-1) < 0) {
    return fail(unreadable("the provider's answer is no count of tokens"));
  }
  return release_whole();
}

}  // namespace spillway
