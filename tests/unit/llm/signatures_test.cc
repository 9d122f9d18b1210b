// Signatures find back to who made them, and to nobody else.
#include "llm/signatures.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

constexpr std::uint64_t kHere = 1, kElsewhere = 2;

Part signed_call(std::string id, std::string signature = {}) {
  Part part;
  part.kind = Part::Kind::tool_use;
  part.id = std::move(id);
  part.signature = std::move(signature);
  return part;
}
Part thought(std::string signature) {
  Part part;
  part.kind = Part::Kind::thinking;
  part.text = "hm";
  part.signature = std::move(signature);
  return part;
}
ChatRequest history(std::vector<Part> parts) {
  ChatRequest request;
  request.messages.emplace_back().parts = std::move(parts);
  return request;
}

TEST(Signatures, a_call_s_comes_back_though_the_client_dropped_it) {
  Signatures book;
  book.made(kHere, "call_1", "signed");
  ChatRequest request = history({signed_call("call_1"), signed_call("call_2")});
  book.settle(kHere, request);
  EXPECT_EQ(request.messages[0].parts[0].signature, "signed");
  EXPECT_EQ(request.messages[0].parts[1].signature, "");
}

TEST(Signatures, those_of_others_are_taken_out) {
  Signatures book;
  book.made(kElsewhere, "call_1", "signed");
  book.made(kElsewhere, {}, "thought");
  for (const bool dropped : {false, true}) {
    ChatRequest request =
        history({thought("thought"), signed_call("call_1", dropped ? "" : "signed"), signed_call("x", "unheard of")});
    book.settle(kHere, request);
    ASSERT_EQ(request.messages[0].parts.size(), 2u) << "no thought";
    for (const Part& part : request.messages[0].parts) EXPECT_EQ(part.signature, "");
  }
}

TEST(Signatures, thoughts_stay_where_they_were_made) {
  Signatures book;
  ChatAnswer answer;
  answer.parts = {thought("thought"), signed_call("call_1", "signed")};
  book.made(kHere, answer);
  ChatRequest request = history({thought("thought"), thought(""), signed_call("call_1", "signed")});
  book.settle(kHere, request);
  ASSERT_EQ(request.messages[0].parts.size(), 2u) << "one that nobody signed is worth nothing";
  EXPECT_EQ(request.messages[0].parts[0].signature, "thought");
  EXPECT_EQ(request.messages[0].parts[1].signature, "signed");
}

TEST(Signatures, the_oldest_are_forgotten) {
  Signatures book;
  const auto remembered = [&](int i) {
    ChatRequest request = history({signed_call("call_" + std::to_string(i))});
    book.settle(kHere, request);
    return !request.messages[0].parts[0].signature.empty();
  };
  constexpr int kMany = static_cast<int>(2 * Signatures::kEntriesMax);
  for (int i = 0; i < kMany; ++i) book.made(kHere, "call_" + std::to_string(i), "signed " + std::to_string(i));
  EXPECT_FALSE(remembered(0));
  EXPECT_TRUE(remembered(kMany - 1));
  EXPECT_TRUE(remembered(kMany - 1000));
  book.made(kHere, "huge", std::string(Signatures::kBytesMax, 'x'));
  ChatRequest request = history({signed_call("huge")});
  book.settle(kHere, request);
  EXPECT_EQ(request.messages[0].parts[0].signature, "") << "nor is one that would fill it alone kept";
}

}  // namespace
}  // namespace spillway::llm
