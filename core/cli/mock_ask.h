// What a request to the synthetic provider says: which wire format its path names, and what of its body the mock cares
// about. Plain OpenAI bodies are read by name, because the bench counts on the mock's speed; Cohere's are like them;
// every other wire is read by its codec, whose refusals are the mock's. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/scan.h"
#include "llm/codec.h"
#include "llm/facts.h"

namespace spillway {

// With what the mock signs its thoughts, where the wire has that.
inline constexpr std::string_view kMockSignature = "bW9jay1zaWduYXR1cmU=";

// What came along besides words: images by URL and as data, other files, own signatures, and a wish for thinking.
struct MockExtras {
  int urls = 0, data = 0, files = 0, signatures = 0;
  bool thinking = false;
};

struct MockAsk {
  Api api = Api::other;
  llm::Wire wire = llm::Wire::openai_chat;
  std::string model, behaviour;
  bool stream = false, usage = false, base64 = false;
  std::string tool;                // the first tool offered, unless the conversation already holds its result
  std::vector<std::string> tools;  // all of them, under the same condition
  std::string last;                // the last user text
  std::string seen;                // " (images: 1 url, 2 data; files: 1)"; empty: there was nothing but words
  std::string json;                // behaviour `json`: the object to answer with
  std::int64_t prompt_tokens = 0;
  std::size_t inputs = 1;  // of an embeddings request
  std::string id;
  std::int64_t created = 0;
  llm::Asked asked;  // for the codecs' writers; of plain OpenAI nothing of it is needed
  std::string refused;
  // Answered as the mock always did, without a codec.
  bool plain() const;
  // How many tools are called: `tools-N` are several.
  std::size_t calls() const;
};

// What a path names.
struct MockPlace {
  enum class What : std::uint8_t { nothing, ask, models, version, count, key };
  What what = What::nothing;
  llm::Wire wire = llm::Wire::openai_chat;
  Api api = Api::other;
  bool passed = false;          // an operation of OpenAI's that nobody models: echoed unless its body has a model
  bool stream = false;          // said by the path, which then also has
  std::string_view model = {};  // ... this, still encoded
};
MockPlace mock_place(std::string_view path);

// False: it is nothing the mock can answer; `ask.refused` then says why, where a codec did.
bool mock_read(const MockPlace& place, std::string_view body, JsonScanner& scanner, MockAsk& ask);

// Of a model's or a behaviour's name, "sse-20-50ms": 20 and 50; missing numbers keep their value.
struct MockNumbers {
  std::uint32_t first = 0, second = 0;
};
MockNumbers mock_numbers(std::string_view name, MockNumbers found);

}  // namespace spillway
