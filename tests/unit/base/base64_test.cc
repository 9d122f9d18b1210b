// Base64.
#include "base/base64.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

std::string decoded(std::string_view text) {
  std::string out;
  return from_base64(text, out) ? out : "?";
}

TEST(Base64, has_the_vectors_of_its_rfc) {  // RFC 4648 10
  constexpr std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                              {"f", "Zg=="},
                                                              {"fo", "Zm8="},
                                                              {"foo", "Zm9v"},
                                                              {"foob", "Zm9vYg=="},
                                                              {"fooba", "Zm9vYmE="},
                                                              {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(decoded(text), bytes);
  }
}

TEST(Base64, padding_may_be_missing_and_nothing_else) {
  EXPECT_EQ(decoded("Zg"), "f");
  EXPECT_EQ(decoded("Zm8"), "fo");
  for (const char* const wrong : {"A", "Zm9vY", "Zg==x", "Zm 8", "Zm-v"}) EXPECT_EQ(decoded(wrong), "?") << wrong;
}

}  // namespace
}  // namespace spillway
