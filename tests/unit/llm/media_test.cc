#include "llm/media.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Media, json_by_any_of_its_names) {
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8", "text/json", "application/x+json"}) {
    EXPECT_EQ(media_of(type), Media::json) << type;
  }
}

TEST(Media, what_curl_sends_may_be_json_and_forms_with_files_are_not) {
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded"}) {
    EXPECT_EQ(media_of(type), Media::maybe) << type;
  }
  for (const char* type : {"multipart/form-data; boundary=x", "application/x-ndjson", "+json", "image/png"}) {
    EXPECT_EQ(media_of(type), Media::no) << type;
  }
}

}  // namespace
}  // namespace spillway
