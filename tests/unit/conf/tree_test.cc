// TOML into our tree: kinds, order and places.
#include "conf/tree.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

std::string at(const Place& place) { return std::to_string(place.line) + ':' + std::to_string(place.column); }

TEST(Tree, keeps_kinds_and_values) {
  const Parsed parsed =
      parse_toml("b = true\ni = 9223372036854775807\nr = 1.5\nt = 'x'\na = [1, 'y']\nd = 2020-01-01\n[s]\nk = 0x10", 0);
  ASSERT_TRUE(parsed.errors.empty());
  const Node& root = parsed.root;
  EXPECT_TRUE(root.find("b")->value.boolean);
  EXPECT_EQ(root.find("i")->value.integer, 9223372036854775807);
  EXPECT_EQ(root.find("r")->value.real, 1.5);
  EXPECT_EQ(root.find("t")->value.text, "x");
  ASSERT_EQ(root.find("a")->value.items.size(), 2u);
  EXPECT_EQ(root.find("a")->value.items[1].text, "y");
  EXPECT_EQ(root.find("d")->value.kind, Node::Kind::time);
  EXPECT_EQ(root.find("s")->value.find("k")->value.integer, 16);
  EXPECT_EQ(root.find("nothing"), nullptr);
}

TEST(Tree, members_stand_in_the_order_of_the_file) {
  const Parsed parsed = parse_toml("z = 1\na = 2\nm = 3\n", 0);
  ASSERT_EQ(parsed.root.members.size(), 3u);
  EXPECT_EQ(parsed.root.members[0].key, "z");
  EXPECT_EQ(parsed.root.members[2].key, "m");
}

TEST(Tree, places_count_characters_and_name_the_file) {
  const Parsed parsed = parse_toml("[[r]]\n\"k\\u00e9\" = 'ü', \n", 7);
  EXPECT_FALSE(parsed.errors.empty());
  const Parsed good = parse_toml("[[r]]\nx = [ { \"é\" = 'ü', b = 2 },\n  { c = 3 } ]\n", 7);
  ASSERT_TRUE(good.errors.empty());
  const Node& route = good.root.find("r")->value.items[0];
  EXPECT_EQ(at(route.place), "1:1");
  const Node& first = route.find("x")->value.items[0];
  EXPECT_EQ(at(first.place), "2:7");
  EXPECT_EQ(at(first.find("é")->place), "2:9");
  EXPECT_EQ(at(first.place_of("b")), "2:24");
  EXPECT_EQ(at(first.place_of("missing")), "2:7");
  EXPECT_EQ(at(route.find("x")->value.items[1].place), "3:3");
  EXPECT_EQ(first.place.file, 7);
}

TEST(Tree, forgotten_bracket_is_reported_where_it_opened) {
  const Parsed parsed = parse_toml("x = [\n  'a',\ny = 1\n[z]\nw = 2\n", 0);
  ASSERT_EQ(parsed.errors.size(), 1u);
  EXPECT_EQ(at(parsed.errors[0].place), "1:5");
  EXPECT_EQ(parsed.errors[0].message, "this bracket is not closed");
  EXPECT_NE(parsed.root.find("y"), nullptr);  // what follows is read all the same
  EXPECT_NE(parsed.root.find("z"), nullptr);
}

TEST(Tree, broken_header_takes_its_keys_along) {
  const Parsed parsed = parse_toml("[a]\nx = 1\n[b\ny = 2\n[c]\nz = 3\n", 0);
  ASSERT_EQ(parsed.errors.size(), 1u);
  EXPECT_EQ(parsed.root.find("a")->value.find("y"), nullptr);
  EXPECT_NE(parsed.root.find("c"), nullptr);
}

TEST(Tree, one_mistake_is_not_reported_twice) {
  EXPECT_EQ(parse_toml("x = { a = 1,\n b = 2 }\n", 0).errors.size(), 1u);
  EXPECT_EQ(parse_toml("x = \"\"\"abc\n\n y = 1\n", 0).errors.size(), 1u);
  EXPECT_EQ(parse_toml("x = [[[[", 0).errors.size(), 1u);
}

TEST(Tree, nesting_bombs_are_errors) {
  std::string dots = "a";
  for (int i = 0; i < 100'000; ++i) dots += ".a";
  EXPECT_EQ(parse_toml(dots + " = 1", 0).errors.size(), 1u);
  EXPECT_EQ(parse_toml("\"\\\"\" ." + dots + " = 1", 0).errors.size(), 1u);
  EXPECT_EQ(parse_toml("x = [ \"\"\"\n ' \"\"\", {" + dots + " = 1} ]", 0).errors.size(), 1u);
  EXPECT_EQ(parse_toml("[" + dots + "]", 0).errors.size(), 1u);
  EXPECT_FALSE(parse_toml("x = " + std::string(100'000, '['), 0).errors.empty());
  std::string tables;
  for (int i = 0; i < 10'000; ++i) tables += "{a=";
  EXPECT_FALSE(parse_toml("x = " + tables, 0).errors.empty());
  EXPECT_TRUE(
      parse_toml("x = 'a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a' # .....................\n", 0).errors.empty());
}

TEST(Tree, texts_that_trip_assertions_of_the_library_are_errors) {
  for (const char* text : {"[", "[\n", "[[", "[[\n", "[a.\n", "a.\n", "x = {", "x = {\n", "x = [", "x = [\n", "[ ",
                           "[[ ", "é = 1\n", "x = é\n", "[é]\n", "x = [\n é ]\n"}) {
    EXPECT_FALSE(parse_toml(text, 0).errors.empty()) << text;
  }
}

TEST(Tree, syntax_errors_are_bounded_in_number) {
  std::string toml;
  for (int i = 0; i < 100; ++i) toml += "x = =\n";
  EXPECT_EQ(parse_toml(toml, 0).errors.size(), 20u);
}

TEST(Tree, letters_beyond_ascii_stand_in_strings_and_comments) {
  const Parsed good = parse_toml("\xef\xbb\xbf# é\n\"é\" = 'é' # é\nx = [ # é\n 1]\n", 0);
  EXPECT_TRUE(good.errors.empty());
  EXPECT_EQ(good.root.find("é")->value.text, "é");
  const Parsed bad = parse_toml("a = 1\nb = \"x\" é\nc = 2\n", 0);
  ASSERT_EQ(bad.errors.size(), 1u);
  EXPECT_EQ(at(bad.errors[0].place), "2:9");
  EXPECT_NE(bad.root.find("c"), nullptr);
}

TEST(Tree, bytes_that_are_no_text_are_errors) {
  EXPECT_FALSE(parse_toml("x = \"\xff\xfe\"\n", 0).errors.empty());
  EXPECT_FALSE(parse_toml(std::string("x = \"\0\"\n", 8), 0).errors.empty());
}

}  // namespace
}  // namespace spillway
