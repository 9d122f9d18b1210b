// The two spellings of a vector (ecosystem.md 1.6).
#include "llm/vectors.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

class Vectors : public testing::Test {
 protected:
  Node node(std::string text) {
    text_ = std::move(text);
    text_.reserve(text_.size() + JsonScanner::kPadding);
    return read_node(scanner_, text_, text_.capacity());
  }
  JsonScanner scanner_;
  std::string text_;
};

TEST_F(Vectors, vectors_have_two_spellings) {
  // 1.0, -2.5 as little-endian float32.
  EXPECT_EQ(floats_to_base64(node("[1,-2.5]")), R"("AACAPwAAIMA=")");
  EXPECT_EQ(base64_to_floats("AACAPwAAIMA="), "[1,-2.5]");
  EXPECT_EQ(base64_to_floats("AACAPwAAIMA"), "[1,-2.5]") << "padding is often left out";
  EXPECT_EQ(base64_to_floats("AACAPw=="), "[1]") << "the example of ecosystem.md 1.6";
  for (const char* wrong : {"", "A", "AACA", "!!!!", "AADAfw==", "AACAfw=="})
    EXPECT_EQ(base64_to_floats(wrong), "") << wrong;
  for (const char* wrong : {"[]", "[1,\"x\"]", "[null]", "{}"}) EXPECT_EQ(floats_to_base64(node(wrong)), "") << wrong;
}

TEST_F(Vectors, every_float_survives_the_way_there_and_back) {
  for (const char* number :
       {"0.1", "-0.0023064255", "3.4028235e+38", "1.1754944e-38", "16777216", "0.33333334", "1e-45"}) {
    const std::string packed = floats_to_base64(node("[" + std::string(number) + "]"));
    ASSERT_GT(packed.size(), 2u);
    const std::string back = base64_to_floats(std::string_view(packed).substr(1, packed.size() - 2));
    EXPECT_EQ(floats_to_base64(node(back)), packed) << number << " became " << back;
  }
}

}  // namespace
}  // namespace spillway::llm
