// The exact reader: one token at a time, and the first flaw by name and place.
#include "json/reader.h"

#include <gtest/gtest.h>

namespace spillway::json {
namespace {

using Token = Reader::Token;

TEST(Reader, tokens_come_in_order_with_their_bytes) {
  Reader reader(R"( { "k" : [ -1.5 , "v\n" , true , null , { } ] } )", {});
  const std::vector<std::pair<Token, std::string>> want = {
      {Token::open_object, "{"},   {Token::key, "\"k\""},    {Token::open_array, "["}, {Token::number, "-1.5"},
      {Token::string, "\"v\\n\""}, {Token::boolean, "true"}, {Token::null, "null"},    {Token::open_object, "{"},
      {Token::close, "}"},         {Token::close, "]"},      {Token::close, "}"},
  };
  for (const auto& [token, bytes] : want) {
    ASSERT_EQ(reader.next(), token) << bytes;
    EXPECT_EQ(reader.bytes(), bytes);
  }
  EXPECT_EQ(reader.next(), Token::end);
  EXPECT_EQ(reader.next(), Token::end);
}

TEST(Reader, the_first_flaw_stays) {
  Reader reader("[1,x]", {});
  EXPECT_EQ(reader.next(), Token::open_array);
  EXPECT_EQ(reader.next(), Token::number);
  EXPECT_EQ(reader.next(), Token::wrong);
  EXPECT_EQ(reader.next(), Token::wrong);
  EXPECT_EQ(reader.error().detail, "unexpected text at byte 3");
  EXPECT_EQ(reader.error().kind, Kind::invalid);
}

TEST(Reader, limits_are_told_apart_from_flaws) {
  Reader::Rules rules;
  rules.members_max = 1;
  Reader reader(R"({"a":1,"b":2})", rules);
  while (reader.next() != Token::wrong) {
  }
  EXPECT_EQ(reader.error().detail, "more than 1 members at byte 7");
  EXPECT_EQ(reader.error().kind, Kind::limit);
}

TEST(Reader, surrogate_halves_pass_only_where_allowed) {
  const std::string_view text = R"("\ud83d")";
  EXPECT_EQ(Reader(text, {}).next(), Token::wrong);
  Reader::Rules rules;
  rules.halves_pass = true;
  EXPECT_EQ(Reader(text, rules).next(), Token::string);
}

// Every cut of a text is refused, and never at a place behind its end.
TEST(Reader, a_text_cut_short_is_refused_wherever_it_was_cut) {
  const std::string text = R"({"a":[1.5e3,"x\u00e9\"y",{"b":false}],"c":null})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    const std::string cut = text.substr(0, length);
    Reader reader(cut, {});
    Token token = Token::null;
    while (token != Token::wrong && token != Token::end) token = reader.next();
    EXPECT_EQ(token, Token::wrong) << cut;
  }
}

}  // namespace
}  // namespace spillway::json
