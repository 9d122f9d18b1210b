// The quick way through a text accepts nothing that the slow one refuses, and finds the same tokens.
#include "json/pass.h"

#include <gtest/gtest.h>

#include <vector>

#include "json/reader.h"
#include "unit/json/samples.h"

namespace spillway::json {
namespace {

struct Read {
  explicit Read(std::string_view text, bool halves_pass = false) {
    // Behind the text stands what would complete it, if it were read too far.
    padded = std::string(text) + std::string(JsonScanner::kPadding, '}') + std::string(JsonScanner::kPadding, ']');
    index.resize(text.size() + 1);
    links.resize(text.size() + 1);
    Pass pass(std::string_view(padded).substr(0, text.size()), index.data(), links.data(), halves_pass);
    valid = pass.valid();
    key_escaped = pass.any_key_escaped();
    index.resize(valid ? pass.count() : 0);
  }
  std::string padded;
  std::vector<std::uint32_t> index, links;
  bool valid = false, key_escaped = false;
};

bool reader_accepts(std::string_view text) {
  Reader::Rules rules;
  rules.members_max = JsonScanner::kMembersMax;
  Reader reader(text, rules);
  Reader::Token token = Reader::Token::null;
  while (token != Reader::Token::wrong && token != Reader::Token::end) token = reader.next();
  return token == Reader::Token::end;
}

TEST(Pass, refuses_every_flaw) {
  for (const std::string& text : bad_texts()) {
    EXPECT_FALSE(Read(text).valid) << text.substr(0, 80);
    EXPECT_FALSE(Read(R"({"model":"m","skipped":)" + text + "}").valid) << text.substr(0, 80);
  }
  for (const std::string& text : bad_endings()) EXPECT_FALSE(Read(text).valid) << text;
  EXPECT_FALSE(Read(R"(["\ud800"])").valid);
  EXPECT_TRUE(Read(R"(["\ud800"])", true).valid);
}

TEST(Pass, accepts_what_the_reader_accepts_and_is_cut_nowhere) {
  for (const std::string& text : good_texts()) {
    EXPECT_TRUE(reader_accepts(text));
    if (Read(text).valid) continue;
    std::size_t foreign = 0;
    for (const char c : text) foreign += static_cast<unsigned char>(c) >= 0x80 ? 1 : 0;
    EXPECT_GT(foreign, Pass::kForeignMost) << text.substr(0, 80);
  }
  const std::string text = R"( {"a\u0041":[1,-2.5e3,{"b":null},[],{}],"c":"\"\\x\n","long one":"0123456789abcdef0é"} )";
  ASSERT_TRUE(Read(text).valid);
  for (std::size_t cut = 0; cut + 1 < text.size(); ++cut) EXPECT_FALSE(Read(text.substr(0, cut)).valid) << cut;
}

// One byte of a good text replaced by every other: whatever comes of it, both say the same.
TEST(Pass, judges_changed_texts_as_the_reader_does) {
  const std::string text = R"({"k":[0,12,-1.5,true,null,"s\n\u00e9"],"o":{"é":"0123456789abcdef"}})";
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = static_cast<char>(byte);
      EXPECT_EQ(Read(changed).valid, reader_accepts(changed)) << changed;
    }
  }
}

TEST(Pass, notes_where_tokens_start_and_what_closes) {
  const Read read(R"({"a":[1,"x"],"b":{}})");
  ASSERT_TRUE(read.valid);
  EXPECT_EQ(read.index, (std::vector<std::uint32_t>{0, 1, 4, 5, 6, 7, 8, 11, 12, 13, 16, 17, 18, 19}));
  EXPECT_EQ(read.links[0], 13u);
  EXPECT_EQ(read.links[3], 7u);
  EXPECT_EQ(read.links[11], 12u);
}

TEST(Pass, knows_whether_a_key_has_an_escape) {
  EXPECT_FALSE(Read(R"({"a":"\n","b":{"c":["\\"]}})").key_escaped);
  EXPECT_TRUE(Read(R"({"a":{"\u0062":1}})").key_escaped);
}

TEST(Pass, leaves_much_text_beyond_ascii_to_others) {
  std::string text = "\"";
  for (std::size_t i = 0; i < Pass::kForeignMost; ++i) text += "\xC3\xA9";
  EXPECT_TRUE(Read(text + "\"").valid);
  EXPECT_FALSE(Read(text + "\xC3\xA9\"").valid);
}

TEST(Pass, keeps_within_the_limits) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(Read(nested(JsonScanner::kDepthMax)).valid);
  EXPECT_FALSE(Read(nested(JsonScanner::kDepthMax + 1)).valid);
  const auto members = [](std::size_t count) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) text += i == 0 ? R"("a":0)" : R"(,"a":0)";
    return text + "}";
  };
  EXPECT_TRUE(Read(members(JsonScanner::kMembersMax)).valid);
  EXPECT_FALSE(Read(members(JsonScanner::kMembersMax + 1)).valid);
}

}  // namespace
}  // namespace spillway::json
