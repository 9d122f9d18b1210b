// Values by name, over a scanner's index.
#include "llm/node.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

struct Text {
  JsonScanner scanner;
  Node root;
  explicit Text(std::string_view text) : root(read_node(scanner, text, text.size())) {}
};

TEST(Node, members_are_found_by_name_and_the_last_counts) {
  Text text(R"({"a":1,"b":{"c\n":"x\ty"},"a":2.5e1,"t":true,"n":null,"l":["p","q"]})");
  std::string room;
  EXPECT_EQ(text.root["a"].integer(-1), 25);
  EXPECT_EQ(text.root["a"].real(), 25.0);
  EXPECT_EQ(text.root["b"]["c\n"].string(), "x\ty");
  EXPECT_EQ(text.root["b"]["c\n"].text(room), "x\ty");
  EXPECT_TRUE(text.root["b"]["c\n"].equals("x\ty"));
  EXPECT_TRUE(text.root["t"].truthy());
  EXPECT_EQ(text.root["t"].flag(), true);
  EXPECT_TRUE(text.root["n"].null() && text.root["n"].there());
  EXPECT_EQ(text.root["l"].first().string(), "p");
  EXPECT_EQ(text.root["b"].raw(), R"({"c\n":"x\ty"})");
  std::string keys;
  for (const Node member : text.root) keys += member.key();
  EXPECT_EQ(keys, "abatnl");
}

TEST(Node, what_is_absent_or_of_another_type_reads_as_nothing) {
  Text text(R"({"a":"x"})");
  EXPECT_FALSE(text.root["b"]["c"].there());
  EXPECT_TRUE(text.root["b"].null());
  EXPECT_EQ(text.root["a"].integer(7), 7);
  EXPECT_EQ(text.root["a"].real(), std::nullopt);
  EXPECT_EQ(text.root["a"].flag(), std::nullopt);
  EXPECT_EQ(Node().string() + std::string(Node().raw()), "");
  int count = 0;
  for (const Node each : text.root["a"]) count += each.there() ? 1 : 1;
  EXPECT_EQ(count, 0);
  EXPECT_FALSE(Text("nonsense").root.there());
}

}  // namespace
}  // namespace spillway::llm
