// Pages of a catalogue, one after the other, from one origin only.
#include "upstream/catalog_fetch.h"

#include "support.h"

namespace spillway {
namespace {

class CatalogFetchTest : public UpstreamTest, protected CatalogFetch::Events {
 protected:
  std::unique_ptr<CatalogFetch> start() {
    auto fetch = std::make_unique<CatalogFetch>(pool, CatalogKind::openrouter, "http://up.example/v1/models", nullptr,
                                                1'000, static_cast<CatalogFetch::Events&>(*this));
    EXPECT_TRUE(fetch->start());
    return fetch;
  }
  void on_catalog(CatalogFetch& fetch) override {
    heard = fetch.error() ? fetch.error()->detail : std::to_string(fetch.catalog().models.size()) + " models";
  }
  static std::string page(const std::string& json) {
    return "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(json.size()) + "\r\n\r\n" + json;
  }
  std::string heard;
};

TEST_F(CatalogFetchTest, O2_pages_are_followed_to_the_last_one) {
  const auto fetch = start();
  Wire& wire = dialer.succeed();
  wire.give(page(R"({"data":[{"id":"a/b"}],"links":{"next":"/v1/models?offset=1"}})"));
  EXPECT_NE(wire.written.find("GET /v1/models?offset=1 "), std::string::npos);
  wire.give(page(R"({"data":[{"id":"c/d"}],"links":{"next":"http://up.example/v1/more"}})"));
  EXPECT_NE(wire.written.find("GET /v1/more "), std::string::npos);
  wire.give(page(R"({"data":[{"id":"e/f"},7],"links":{"next":null}})"));
  EXPECT_EQ(heard, "3 models");
  EXPECT_EQ(fetch->pages().size(), 3u);
  EXPECT_EQ(fetch->catalog().malformed, 1u);
  EXPECT_EQ(dialer.waiting(), 0u);
}

TEST_F(CatalogFetchTest, a_next_page_of_another_origin_is_an_error) {
  for (const char* next : {"http://evil.example/v1", "https://up.example/v1", "http://up.example.evil/", "ftp:x"}) {
    heard.clear();
    const auto fetch = start();
    Wire& wire = dialer.waiting() > 0 ? dialer.succeed() : wires.back();
    wire.give(page(R"({"data":[{"id":"a/b"}],"links":{"next":")" + std::string(next) + "\"}}"));
    EXPECT_TRUE(heard.starts_with("the catalogue's next page is somewhere else")) << heard;
    pool.close();
  }
}

TEST_F(CatalogFetchTest, what_is_no_catalogue_is_told) {
  const auto fetch = start();
  dialer.succeed().give("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n");
  EXPECT_EQ(heard, "HTTP 401");
}

TEST_F(CatalogFetchTest, pages_without_end_are_given_up) {
  const auto fetch = start();
  Wire& wire = dialer.succeed();
  for (std::size_t i = 0; i < CatalogFetch::kPagesMax; ++i) {
    EXPECT_EQ(heard, "");
    wire.give(page(R"({"data":[{"id":"a/b"}],"links":{"next":"/v1/models"}})"));
  }
  EXPECT_EQ(heard, "it has more than 50 pages");
}

}  // namespace
}  // namespace spillway
