// Who made which signature. Thoughts and tool calls are signed by the provider that made them, and only good there: on
// their way back from the client those of others are taken out, and those that a client dropped (strict ones drop all
// members they don't know) are put in again (ecosystem.md 2.1).
//
// Owner: Shared. Thread: any. Memory: kEntriesMax signatures of at most kBytesMax together, twice; the oldest half
// goes.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "llm/message.h"

namespace spillway::llm {

class Signatures {
 public:
  static constexpr std::size_t kEntriesMax = 4096, kBytesMax = 4 << 20;

  // `call`: the id of the tool call it belongs to, as the client was told it; empty: it belongs to a thought.
  void made(std::uint64_t maker, std::string_view call, std::string_view signature);
  void made(std::uint64_t maker, const ChatAnswer& answer);
  // Leaves only what `maker` made: signatures of tool calls, thoughts with theirs.
  void settle(std::uint64_t maker, ChatRequest& request);

 private:
  struct Entry {
    std::uint64_t maker = 0;
    std::string signature;  // of a call
  };
  using Entries = std::unordered_map<std::uint64_t, Entry>;
  void put(std::uint64_t key, Entry entry);
  const Entry* find(std::uint64_t key) const;

  std::mutex lock_;
  Entries young_, old_;
  std::size_t young_bytes_ = 0;
};

// Where a stream's signatures go.
struct SignatureBook {
  Signatures* all = nullptr;
  std::uint64_t maker = 0;
  void made(std::string_view call, std::string_view signature) const {
    if (all != nullptr && !signature.empty()) all->made(maker, call, signature);
  }
};

}  // namespace spillway::llm
