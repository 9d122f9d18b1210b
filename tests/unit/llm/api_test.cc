#include "llm/api.h"

#include <gtest/gtest.h>

#include <set>

namespace spillway {

TEST(Api, each_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (int api = 0; api <= static_cast<int>(Api::other); ++api) names.insert(to_string(static_cast<Api>(api)));
  EXPECT_EQ(names.size(), 12u);
  EXPECT_TRUE(names.contains("chat")) << "SPW_API's words do not change";
  EXPECT_TRUE(names.contains("other"));
}

}  // namespace spillway
