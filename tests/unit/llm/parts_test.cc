// What codecs share: data URLs, turns, one line.
#include "llm/parts.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

TEST(Parts, data_urls_come_apart_and_together) {
  Part part;
  read_url("data:image/png;charset=x;base64,AAAA", part);
  EXPECT_EQ(part.media + "|" + part.data + "|" + part.url, "image/png|AAAA|");
  EXPECT_EQ(url_of(part), "data:image/png;base64,AAAA");
  Part far;
  read_url("https://x/y,z", far);
  EXPECT_EQ(far.url, "https://x/y,z");
  Part plain;
  read_url("data:text/plain,hello", plain);
  EXPECT_EQ(plain.url, "data:text/plain,hello") << "only base64 is taken apart";
}

TEST(Parts, neighbours_of_one_role_are_one_message) {
  std::vector<Message> messages;
  speak(messages, Role::tool).parts.push_back(text_part("a"));
  speak(messages, Role::tool).parts.push_back(text_part("b"));
  speak(messages, Role::user);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(joined_text(messages[0].parts, Part::Kind::text, "-"), "a-b");
  EXPECT_FALSE(any(messages[0].parts, Part::Kind::image));
}

TEST(Parts, a_line_is_a_line) { EXPECT_EQ(one_line("{\n\"a\":\r\n1}"), "{ \"a\":  1}"); }

TEST(Parts, arguments_that_are_no_object_are_an_empty_one) {
  EXPECT_EQ(as_object(R"({"a":{"b":[1]}})"), R"({"a":{"b":[1]}})");
  for (const std::string_view bad : {"", "[1]", R"({"a":)", "{}x", "null"}) EXPECT_EQ(as_object(bad), "{}") << bad;
}

TEST(Parts, the_called_tool_is_found_by_its_id) {
  std::vector<Message> messages(1);
  Part& call = messages[0].parts.emplace_back();
  call.kind = Part::Kind::tool_use;
  call.id = "1";
  call.name = "f";
  EXPECT_EQ(tool_called(messages, "1"), "f");
  EXPECT_EQ(tool_called(messages, "2"), "2") << "some name is wanted";
}

TEST(Parts, an_opaque_id_is_the_same_again_and_none_stays_none) {
  EXPECT_EQ(opaque("ann@example.org"), "438c4c7afe600cdf1e455c369bec76dc");
  EXPECT_NE(opaque("bob@example.org"), opaque("ann@example.org"));
  EXPECT_EQ(opaque(""), "");
}

}  // namespace
}  // namespace spillway::llm
