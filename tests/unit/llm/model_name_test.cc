// What a model may be called.
#include "llm/model_name.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(ModelName, may_be_any_text_that_is_fit_to_print) {
  BadRequest why;
  for (const std::string& name :
       {std::string("gpt"), std::string("org/m:8b@x"), std::string("m\xC3\xA9"), std::string(256, 'x')}) {
    EXPECT_TRUE(good_model(name, why)) << name;
  }
  for (const std::string& name : {std::string(), std::string(257, 'x'), std::string("a\nb"), std::string("a\x7f"),
                                  std::string("a\xC2\x85"), std::string("a\0b", 3)}) {
    why = {};
    EXPECT_FALSE(good_model(name, why)) << name;
    EXPECT_EQ(why.param, "model");
    EXPECT_FALSE(why.message.empty());
  }
}

}  // namespace
}  // namespace spillway
