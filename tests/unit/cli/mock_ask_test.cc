// Every wire's request is understood alike: the synthetic provider sees model, words, tools and images in all of them.
#include "cli/mock_ask.h"

#include "mock_wires.h"

namespace spillway {
namespace {

MockAsk ask_of(const MockWire& wire, const llm::ChatRequest& talk) {
  const MockRequest request = mock_request(wire, talk);
  JsonScanner scanner;
  MockAsk ask;
  EXPECT_TRUE(mock_read(mock_place(request.path), request.body, scanner, ask)) << request.path << " " << request.body;
  return ask;
}

TEST(MockAsk, the_path_names_the_wire) {
  using What = MockPlace::What;
  for (const MockWire& wire : mock_wires()) {
    const MockPlace place = mock_place(mock_request(wire, mock_talk("ok", false)).path);
    EXPECT_EQ(place.what, What::ask) << wire.dialect;
    EXPECT_EQ(place.wire, wire.wire);
    EXPECT_FALSE(place.stream);
  }
  EXPECT_TRUE(mock_place("/v1beta/models/a%2Fb:streamGenerateContent").stream);
  EXPECT_EQ(mock_place("/v1beta/models/a%2Fb:streamGenerateContent").model, "a%2Fb");
  EXPECT_EQ(mock_place("/v1beta/models/x:countTokens").what, What::count);
  EXPECT_EQ(mock_place("/v1beta/models/x:embedContent").what, What::nothing);
  EXPECT_EQ(mock_place("/v1beta/models/x").what, What::nothing);
  EXPECT_EQ(mock_place("/v2/embed").api, Api::embeddings);
  EXPECT_EQ(mock_place("/v1/messages/count_tokens").what, What::count);
  EXPECT_EQ(mock_place("/v1/key").what, What::key);
  EXPECT_EQ(mock_place("/api/tags").wire, llm::Wire::ollama);
  EXPECT_EQ(mock_place("/api/generate").what, What::ask);
  EXPECT_EQ(mock_place("/v1/audio/speech").passed, true);
  EXPECT_EQ(mock_place("/nowhere").what, What::nothing);
}

TEST(MockAsk, model_words_and_tools_are_read_in_each_wire) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    llm::ChatRequest talk = mock_talk("vendor/tools-3:free", true);
    offer_tools(talk, {"weather", "time"});
    const MockAsk ask = ask_of(wire, talk);
    EXPECT_EQ(ask.model, "vendor/tools-3:free");
    EXPECT_EQ(ask.behaviour, "tools-3");
    EXPECT_TRUE(ask.stream);
    EXPECT_EQ(ask.last, "Hi");
    EXPECT_EQ(ask.tools, (std::vector<std::string>{"weather", "time"}));
    EXPECT_EQ(ask.calls(), 3u);
    EXPECT_GT(ask.prompt_tokens, 0);
  }
}

TEST(MockAsk, a_result_in_the_conversation_ends_the_calling) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    llm::ChatRequest talk = mock_talk("ok", false);
    offer_tools(talk, {"weather"});
    llm::Message call, result;
    call.role = llm::Role::assistant;
    call.parts.emplace_back().kind = llm::Part::Kind::tool_use;
    call.parts[0].id = "call_1";
    call.parts[0].name = "weather";
    call.parts[0].text = "{}";
    result.role = llm::Role::tool;
    result.parts.emplace_back().kind = llm::Part::Kind::tool_result;
    result.parts[0].id = "call_1";
    result.parts[0].inside.emplace_back().text = "sunny";
    talk.messages.push_back(call);
    talk.messages.push_back(result);
    EXPECT_EQ(ask_of(wire, talk).calls(), 0u);
  }
}

TEST(MockAsk, one_call_is_one_call_where_the_wire_can_say_so) {
  for (const char* const dialect : {"openai", "openai-responses", "anthropic"}) {
    for (const MockWire& wire : mock_wires()) {
      if (wire.dialect != dialect) continue;
      llm::ChatRequest talk = mock_talk("tools-3", false);
      offer_tools(talk, {"weather"});
      talk.parallel_tool_calls = false;
      EXPECT_EQ(ask_of(wire, talk).calls(), 1u) << dialect;
    }
  }
}

TEST(MockAsk, images_are_counted_by_kind) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    llm::ChatRequest talk = mock_talk("ok", false);
    llm::Part data, url;
    data.kind = url.kind = llm::Part::Kind::image;
    data.media = "image/png";
    data.data = "iVBORw0KGgo=";
    url.url = "https://example.com/a.png";
    talk.messages[0].parts.push_back(data);
    if (wire.wire != llm::Wire::ollama) talk.messages[0].parts.push_back(url);  // which takes no URLs
    const std::string seen = ask_of(wire, talk).seen;
    EXPECT_EQ(seen, wire.wire == llm::Wire::ollama ? " (images: 1 data)" : " (images: 1 url, 1 data)");
  }
}

TEST(MockAsk, files_and_the_wish_to_think_are_told) {
  using llm::Wire;
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    llm::ChatRequest talk = mock_talk("reasoning", false);
    talk.effort = llm::Effort::medium;
    EXPECT_EQ(ask_of(wire, talk).seen, " (thinking asked for)");
    talk.effort = llm::Effort::unset;
    EXPECT_EQ(ask_of(wire, talk).seen, "");
    if (wire.wire == Wire::ollama || wire.wire == Wire::cohere) continue;  // which take no files
    llm::Part file;
    file.kind = llm::Part::Kind::file;
    file.media = "application/pdf";
    file.name = "a.pdf";
    file.data = "JVBERi0=";
    talk.messages[0].parts.push_back(file);
    EXPECT_EQ(ask_of(wire, talk).seen, " (files: 1)");
  }
}

TEST(MockAsk, its_own_signatures_are_known_again_and_others_are_not) {
  for (const MockWire& wire : mock_wires()) {
    if (wire.wire != llm::Wire::anthropic && wire.wire != llm::Wire::gemini) continue;
    llm::ChatRequest talk = mock_talk("ok", false);
    llm::Message call;
    call.role = llm::Role::assistant;
    llm::Part& part = call.parts.emplace_back();
    part.kind = wire.wire == llm::Wire::gemini ? llm::Part::Kind::tool_use : llm::Part::Kind::thinking;
    part.name = "weather";
    part.text = "{}";
    part.signature = kMockSignature;
    talk.messages.push_back(call);
    EXPECT_EQ(ask_of(wire, talk).seen, " (signatures: 1)") << wire.dialect;
    talk.messages[1].parts[0].signature = "c29tZWJvZHkgZWxzZQ==";
    EXPECT_EQ(ask_of(wire, talk).seen, "") << wire.dialect;
  }
}

TEST(MockAsk, the_schema_asked_for_is_found_in_each_wire) {
  for (const MockWire& wire : mock_wires()) {
    SCOPED_TRACE(wire.dialect);
    llm::ChatRequest talk = mock_talk("json", false);
    talk.format.kind = llm::ResponseFormat::Kind::json_schema;
    talk.format.name = "place";
    talk.format.schema = R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";
    EXPECT_EQ(ask_of(wire, talk).json, R"({"city":"mock"})");
  }
}

TEST(MockAsk, what_a_codec_refuses_is_refused_with_its_words) {
  JsonScanner scanner;
  MockAsk ask;
  EXPECT_FALSE(mock_read(mock_place("/v1/messages"), R"({"model":"ok","messages":[{"role":"nobody"}]})", scanner, ask));
  EXPECT_FALSE(ask.refused.empty());
  MockAsk none;
  EXPECT_FALSE(mock_read(mock_place("/v1/chat/completions"), R"({"messages":[]})", scanner, none)) << "no model";
  EXPECT_TRUE(none.refused.empty());
}

TEST(MockAsk, plain_chats_need_no_codec) {
  MockAsk ask;
  ask.behaviour = "sse-20-50ms";
  EXPECT_TRUE(ask.plain());
  for (const char* const other : {"reasoning", "tools-2"}) {
    ask.behaviour = other;
    EXPECT_FALSE(ask.plain()) << other;
  }
  ask.behaviour = "ok";
  ask.wire = llm::Wire::anthropic;
  EXPECT_FALSE(ask.plain());
}

TEST(MockAsk, numbers_are_those_of_the_name) {
  EXPECT_EQ(mock_numbers("sse-20-50ms", {5, 0}).first, 20u);
  EXPECT_EQ(mock_numbers("sse-20-50ms", {5, 0}).second, 50u);
  EXPECT_EQ(mock_numbers("sse-20", {5, 7}).second, 7u);
  EXPECT_EQ(mock_numbers("ok", {5, 7}).first, 5u);
}

}  // namespace
}  // namespace spillway
