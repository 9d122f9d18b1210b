// Lists of models in each wire's shape, and what else is asked besides chats.
#include "cli/mock_lists.h"

#include "mock_wires.h"

namespace spillway {
namespace {

JsonValue got(const std::string& path, bool anthropic = false) {
  MockScript script(1);
  MockRequest request{"GET", path, "", true};
  request.anthropic = anthropic;
  const std::string response = mock_bytes(script.answer(request, 0));
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 ")) << path;
  const auto body = parse_json(body_of(response));
  EXPECT_TRUE(body) << response;
  return body ? *body : JsonValue{};
}

TEST(MockLists, models_are_listed_in_the_wires_shape) {
  EXPECT_EQ(got("/v1/models")["data"].at(0)["object"].string(), "model");
  EXPECT_EQ(got("/v1/models", true)["data"].at(0)["type"].string(), "model");
  EXPECT_EQ(got("/v1/models", true)["last_id"].string(), "ok");
  EXPECT_EQ(got("/v1beta/models")["models"].at(0)["name"].string(), "models/ok");
  EXPECT_EQ(got("/api/tags")["models"].at(0)["model"].string(), "ok");
  EXPECT_EQ(got("/v2/models")["models"].at(0)["name"].string(), "ok");
  EXPECT_FALSE(got("/api/version")["version"].string().empty());
}

TEST(MockLists, prompts_are_counted_by_their_bytes) {
  EXPECT_NE(mock_count(llm::Wire::anthropic, 40).find(R"({"input_tokens":10})"), std::string::npos);
  EXPECT_NE(mock_count(llm::Wire::gemini, 40).find(R"({"totalTokens":10})"), std::string::npos);
}

}  // namespace
}  // namespace spillway
