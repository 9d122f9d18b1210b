// The choice of a coding; what all of them share.
#include "http/inflate.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

TEST(Inflate, passes_what_is_not_packed) {
  for (const char* coding : {"", " ", "identity", "Identity"}) {
    EXPECT_EQ(*inflate(coding, "abc", 3), "abc") << coding;
    EXPECT_EQ(inflate(coding, "abc", 2).error().kind, Kind::limit) << coding;
  }
}

TEST(Inflate, does_not_know_other_codings_or_two_of_them) {
  for (const char* coding : {"br", "compress", "gzip, zstd", "gzip,gzip", "gzip;q=1", "aws-chunked", "gzipx", ","}) {
    const Result<std::string> got = inflate(coding, "abc", 100);
    ASSERT_FALSE(got) << coding;
    EXPECT_EQ(got.error().kind, Kind::not_found) << coding;
    EXPECT_EQ(got.error().source, Source::client);
  }
}

TEST(Inflate, refuses_an_empty_packed_body) {
  for (const char* coding : {"gzip", "x-gzip", "deflate", "zstd"}) {
    EXPECT_EQ(inflate(coding, "", 100).error().kind, Kind::invalid) << coding;
  }
}

}  // namespace
}  // namespace spillway
