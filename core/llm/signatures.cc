#include "llm/signatures.h"

#include <utility>

#include "base/hash.h"

namespace spillway::llm {

namespace {

std::uint64_t key_of_call(std::string_view id) { return hash64(id, 1); }
std::uint64_t key_of_signature(std::string_view signature) { return hash64(signature, 2); }

}  // namespace

void Signatures::made(std::uint64_t maker, std::string_view call, std::string_view signature) {
  if (signature.empty()) return;
  const std::lock_guard hold(lock_);
  put(key_of_signature(signature), {maker, {}});
  if (!call.empty()) put(key_of_call(call), {maker, std::string(signature)});
}

void Signatures::made(std::uint64_t maker, const ChatAnswer& answer) {
  for (const Part& part : answer.parts) made(maker, part.id, part.signature);
}

void Signatures::settle(std::uint64_t maker, ChatRequest& request) {
  const std::lock_guard hold(lock_);
  const auto ours = [&](const Part& part) {
    const Entry* known = part.signature.empty() ? nullptr : find(key_of_signature(part.signature));
    return known != nullptr && known->maker == maker;
  };
  for (Message& message : request.messages) {
    std::erase_if(message.parts, [&](const Part& part) { return part.kind == Part::Kind::thinking && !ours(part); });
    for (Part& part : message.parts) {
      if (part.kind != Part::Kind::tool_use) continue;
      if (!ours(part)) part.signature.clear();
      const Entry* known = part.signature.empty() ? find(key_of_call(part.id)) : nullptr;
      if (known != nullptr && known->maker == maker) part.signature = known->signature;
    }
  }
}

void Signatures::put(std::uint64_t key, Entry entry) {
  const std::size_t bytes = sizeof(Entry) + entry.signature.size();
  if (bytes > kBytesMax / 16) return;
  if (young_.size() >= kEntriesMax || young_bytes_ + bytes > kBytesMax) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
  }
  young_bytes_ += bytes;
  young_[key] = std::move(entry);
}

const Signatures::Entry* Signatures::find(std::uint64_t key) const {
  for (const Entries* entries : {&young_, &old_}) {
    if (const auto found = entries->find(key); found != entries->end()) return &found->second;
  }
  return nullptr;
}

}  // namespace spillway::llm
