// Names to numbers: the known ones in any case, and nothing that only looks like one.
#include "http/field_id.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(FieldId, knows_names_in_any_case) {
  EXPECT_EQ(field_id("content-length"), FieldId::content_length);
  EXPECT_EQ(field_id("Content-Length"), FieldId::content_length);
  EXPECT_EQ(field_id("CONTENT-LENGTH"), FieldId::content_length);
  EXPECT_EQ(field_id("TE"), FieldId::te);
  EXPECT_EQ(field_id("Via"), FieldId::via);
  EXPECT_EQ(field_id("hTTP2-Settings"), FieldId::http2_settings);
}

TEST(FieldId, takes_no_name_for_one_that_is_nearly_it) {
  // The first has the length, first and last letter of a known name.
  for (const char* name : {"content-lengch", "", "x", "content-length ", "hos", "hosts", "h\x4fs\x94", "x-spillway-"}) {
    EXPECT_EQ(field_id(name), FieldId::other) << name;
  }
}

TEST(FieldId, tells_underscores_and_our_own_prefix) {
  EXPECT_EQ(field_id("Content_Length"), FieldId::underscored);
  EXPECT_EQ(field_id("X_Spillway-Tags"), FieldId::underscored);
  EXPECT_EQ(field_id("X-Spillway-Tags"), FieldId::ours);
  EXPECT_EQ(field_id("x-spillway_a-b"), FieldId::underscored);
}

TEST(FieldSet, has_what_it_was_made_of) {
  constexpr FieldSet set(FieldId::other, FieldId::x_request_id);
  EXPECT_TRUE(set.has(FieldId::other));
  EXPECT_TRUE(set.has(FieldId::x_request_id));
  EXPECT_FALSE(set.has(FieldId::via));
}

}  // namespace
}  // namespace spillway
