// Every wire that a client speaks in front of every wire that a provider speaks: what all can say survives each way.
#include "codec_help.h"
#include "strict.h"

namespace spillway::llm {
namespace {

std::vector<Wire> wires(bool (*has)(const Codec&)) {
  std::vector<Wire> all;
  for (std::size_t i = 0; i < kWires; ++i) {
    if (has(codec_of(static_cast<Wire>(i)))) all.push_back(static_cast<Wire>(i));
  }
  return all;
}
std::vector<Wire> clients() {
  return wires([](const Codec& codec) { return codec.read_request != nullptr; });
}
std::vector<Wire> providers() {
  return wires([](const Codec& codec) { return codec.write_request != nullptr; });
}
std::string pair(Wire client, Wire provider) {
  return std::string(codec_of(client).name) + " before " + std::string(codec_of(provider).name);
}

// The worked example's request in the client's wire, by way of chat.
std::string request_of(Wire client) {
  if (client == Wire::openai_completions) return R"({"model":"best","prompt":"Weather here?","max_tokens":500})";
  return request_for(Wire::openai_chat, fixture("examples/openai.request.json"), to(client));
}

TEST(Pairs, requests_say_the_same_by_every_way) {
  for (const Wire client : clients()) {
    for (const Wire provider : providers()) {
      SCOPED_TRACE(pair(client, provider));
      const std::string body = request_for(client, request_of(client), to(provider));
      EXPECT_NE(body.find("Weather here?"), body.npos) << body;
      EXPECT_NE(body.find("500"), body.npos) << body;
      if (client == Wire::openai_completions) continue;
      for (const std::string_view part : {"Be brief.", "iVBOR", "sunny", "Paris", "\"Weather\"", "\"w\""}) {
        EXPECT_NE(body.find(part), body.npos) << part << " in " << body;
      }
    }
  }
}

// One answer of each provider: thinking, text, a call.
const std::string kChunks[] = {
    R"({"id":"x","model":"m","choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]})",
    R"({"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"It is "}}]})",
    R"({"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"sunny."}}]})",
    R"({"id":"x","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"n)"
    R"(ame":"w",)"
    R"("arguments":"{\"city\":\"Paris\"}"}}]}}]})",
    R"({"id":"x","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"n)"
    R"(ame":"v",)"
    R"("arguments":"{}"}}]}}]})",
    R"({"id":"x","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})",
    R"({"id":"x","model":"m","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":6}})",
};

std::string chat_stream() {
  std::vector<std::string> data(std::begin(kChunks), std::end(kChunks));
  data.push_back("[DONE]");
  return sse(data);
}

TEST(Pairs, streams_say_the_same_by_every_way) {
  for (const Wire provider : providers()) {
    if (codec_of(provider).writer == nullptr) continue;  // cohere: its own test has a stream of it
    const std::string theirs = stream_for(Wire::openai_chat, chat_stream(), provider).out;
    for (const Wire client : clients()) {
      SCOPED_TRACE(pair(client, provider));
      const Streamed ours = stream_for(provider, theirs, client);
      EXPECT_EQ(ours.error, "") << theirs;
      EXPECT_EQ(ours.state, Translation::State::done);
      if (codec_of(client).reader == nullptr) {
        EXPECT_NE(ours.out.find("sunny."), std::string::npos);
        continue;
      }
      const Streamed back = stream_for(client, ours.out, Wire::openai_chat);
      StrictChat strict;
      EXPECT_EQ(strict.check(back.out, true), "") << back.out;
      EXPECT_EQ(strict.thinking + "/" + strict.text, "hm/It is sunny.");
      EXPECT_EQ(strict.tools[0] + strict.tool_names[0] + strict.tools[1] + strict.tool_names[1],
                R"({"city":"Paris"}w{}v)");
      EXPECT_EQ(strict.reason, "tool_calls");
      EXPECT_EQ(strict.total_tokens, 26);
    }
  }
}

TEST(Pairs, answers_say_the_same_by_every_way) {
  const std::string chat =
      R"({"id":"x","created":7,"model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"content":)"
      R"("It is sunny.","reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"w",)"
      R"("arguments":"{\"city\":\"Paris\"}"}}]}}],"usage":{"prompt_tokens":20,"completion_tokens":6}})";
  for (const Wire provider : providers()) {
    if (codec_of(provider).write_answer == nullptr) continue;
    const std::string theirs = answer_for(Wire::openai_chat, chat, provider);
    for (const Wire client : clients()) {
      SCOPED_TRACE(pair(client, provider));
      const std::string ours = answer_for(provider, theirs, client);
      EXPECT_NE(ours.find("It is sunny."), ours.npos) << ours;
      if (codec_of(client).read_answer == nullptr) continue;
      const std::string back = answer_for(client, ours, Wire::openai_chat);
      for (const std::string_view part :
           {R"("content":"It is sunny.")", R"("reasoning_content":"hm")", R"("arguments":"{\"city\":\"Paris\"}")",
            R"("finish_reason":"tool_calls")", R"("total_tokens":26)"}) {
        EXPECT_NE(back.find(part), back.npos) << part << " in " << back;
      }
    }
  }
}

TEST(Pairs, a_failure_ends_every_clients_stream_as_one) {
  for (const Wire client : clients()) {
    SCOPED_TRACE(codec_of(client).name);
    JsonScanner scanner;
    Translation translation(Wire::openai_chat, client, asked(), scanner, 1 << 20);
    translation.feed(sse({kChunks[1]}));
    translation.fail({Case::broken_stream, "cut off", {}, {}, {}});
    const std::string& out = translation.out();
    EXPECT_NE(out.find("cut off"), out.npos);
    EXPECT_EQ(out.find("[DONE]"), out.npos);
    EXPECT_EQ(out.find("message_stop"), out.npos);
    if (codec_of(client).reader == nullptr) continue;
    EXPECT_EQ(stream_for(client, out, Wire::openai_chat).error, "cut off");
  }
}

TEST(Pairs, tools_results_with_large_images_pass_whole) {
  const std::string image(10 << 20, 'A');
  const std::string body =
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":)"
      R"("data:image/png;base64,)" +
      image + R"("}}]}]})";
  for (const Wire provider : {Wire::anthropic, Wire::gemini, Wire::ollama}) {
    const std::string out = request_for(Wire::openai_chat, body, to(provider));
    EXPECT_NE(out.find(image), out.npos) << codec_of(provider).name;
    EXPECT_LT(out.size(), image.size() + 1000);
  }
}

}  // namespace
}  // namespace spillway::llm
