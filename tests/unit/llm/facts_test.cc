// What inspect() reads from a request, and what it refuses. Issue 2 item 3; finding 5 of reliability.md.
#include "llm/facts.h"

#include <gtest/gtest.h>

namespace spillway {
namespace {

class Inspect : public testing::Test {
 protected:
  // The refusal, or "ok" with the facts in facts_.
  std::string read(Api api, std::string body, std::string_view content_type = "application/json") {
    body_ = std::move(body);
    body_.reserve(body_.size() + JsonScanner::kPadding);
    why_ = {"stale", "stale"};
    Result<Facts> facts = inspect(scanner_, api, content_type, body_, body_.capacity(), why_);
    if (!facts) {
      EXPECT_EQ(facts.error().source, Source::client);
      EXPECT_FALSE(why_.message.empty());
      return why_.message;
    }
    facts_ = std::move(*facts);
    return "ok";
  }
  std::string chat(const std::string& members) {
    return read(Api::chat, R"({"model":"m","messages":[{"role":"user","content":"hi"}],)" + members + "}");
  }
  JsonScanner scanner_;
  std::string body_;
  Facts facts_;
  BadRequest why_;
};

TEST_F(Inspect, a_chat_gives_all_its_facts) {
  ASSERT_EQ(read(Api::chat, R"( {"messages": [ {"role":"user","content":"hello"} ],"stream" : true,
      "max_tokens":12,"temperature":0.5,"seed":7,"n":2,"user":"al\u0069ce","tools":[{}],
      "response_format":{"type":"json_object"},"stream_options":{ "include_usage" : true },"mod\u0065l" : "a\/b" } )"),
            "ok");
  EXPECT_TRUE(facts_.json);
  EXPECT_EQ(facts_.model, "a/b");
  EXPECT_EQ(facts_.model_at.in(body_), R"("a\/b")");
  EXPECT_TRUE(facts_.stream);
  EXPECT_TRUE(facts_.include_usage);
  EXPECT_EQ(facts_.stream_options_at.in(body_), R"({ "include_usage" : true })");
  EXPECT_EQ(facts_.max_tokens, 12);
  EXPECT_TRUE(facts_.has_temperature);
  EXPECT_EQ(facts_.temperature, 0.5);
  EXPECT_TRUE(facts_.has_seed);
  EXPECT_EQ(facts_.n, 2);
  EXPECT_EQ(facts_.user, "alice");
  EXPECT_TRUE(facts_.tools);
  EXPECT_TRUE(facts_.response_format);
  EXPECT_FALSE(facts_.images);
  EXPECT_EQ(facts_.prompt_bytes, std::string_view(R"([ {"role":"user","content":"hello"} ])").size());
  EXPECT_EQ(facts_.prompt_tokens, (facts_.prompt_bytes + 3) / 4);
}

TEST_F(Inspect, what_is_not_said_stays_unset) {
  ASSERT_EQ(read(Api::chat, R"({"model":"m","messages":[]})"), "ok");
  EXPECT_FALSE(facts_.stream || facts_.include_usage || facts_.tools || facts_.response_format || facts_.images);
  EXPECT_FALSE(facts_.has_temperature || facts_.has_seed);
  EXPECT_EQ(facts_.max_tokens, -1);
  EXPECT_EQ(facts_.n, 1);
  EXPECT_EQ(facts_.stream_options_at.len, 0U);
}

TEST_F(Inspect, a_key_given_twice_is_refused_also_when_spelled_differently) {
  EXPECT_EQ(chat(R"("model":"dear")"), "you gave `model` twice");
  EXPECT_EQ(why_.param, "model");
  EXPECT_EQ(chat(R"("mod\u0065l":"dear")"), "you gave `model` twice");
  EXPECT_EQ(chat(R"("x":1,"\u0078":1)"), "you gave `x` twice");
  EXPECT_EQ(chat(R"("\u0000":1,"\u0000":1)"), "you gave a key twice");
  EXPECT_EQ(chat(R"("x":1,"X":1)"), "ok");
  EXPECT_EQ(read(Api::other, R"({"model":"cheap","\u006dodel":"dear"})"), "you gave `model` twice");
}

TEST_F(Inspect, nested_keys_may_repeat) {
  EXPECT_EQ(chat(R"("tools":[{"a":1,"a":2}],"metadata":{"model":"x","model":"y"})"), "ok");
  EXPECT_EQ(facts_.model, "m");
}

TEST_F(Inspect, a_model_is_a_short_clean_string) {
  const auto with = [&](const std::string& model) {
    return read(Api::chat, R"({"messages":[],"model":)" + model + "}");
  };
  for (const char* value : {"1", "null", "true", "{}", "[\"m\"]"}) EXPECT_EQ(with(value), "`model` must be a string");
  EXPECT_EQ(why_.param, "model");
  EXPECT_EQ(with("\"\""), "`model` must not be empty");
  for (const char* value : {R"("a\u0000b")", R"("\u001f")", R"("a\n")", R"("\u007f")", R"("\u0085")", "\"\xC2\x9F\""}) {
    EXPECT_EQ(with(value), "`model` must not hold control characters") << value;
  }
  EXPECT_EQ(with("\"" + std::string(256, 'x') + "\""), "ok");
  EXPECT_EQ(with("\"" + std::string(257, 'x') + "\""), "`model` must be at most 256 bytes long");
  EXPECT_EQ(with("\"caf\xC3\xA9/x:free\""), "ok");
  EXPECT_EQ(read(Api::chat, R"({"messages":[]})"), "you must give a `model`");
}

TEST_F(Inspect, stream_is_a_boolean) {
  for (const char* value : {"1", "\"true\"", "null", "[]", "{}"}) {
    EXPECT_EQ(chat(std::string("\"stream\":") + value), "`stream` must be true or false") << value;
    EXPECT_EQ(why_.param, "stream");
  }
  EXPECT_EQ(chat(R"("stream":false)"), "ok");
  EXPECT_FALSE(facts_.stream);
}

TEST_F(Inspect, stream_options_is_an_object_or_null) {
  for (const char* value : {"1", "true", "\"x\"", "[]"}) {
    EXPECT_EQ(chat(std::string("\"stream_options\":") + value), "`stream_options` must be an object") << value;
  }
  EXPECT_EQ(chat(R"("stream_options":null)"), "ok");
  EXPECT_FALSE(facts_.include_usage);
  EXPECT_EQ(chat(R"("stream_options":{"include_usage":false,"other":{"include_usage":true}})"), "ok");
  EXPECT_FALSE(facts_.include_usage);
  EXPECT_EQ(chat(R"("stream_options":{"include_usage":"yes"})"),
            "`stream_options.include_usage` must be true or false");
}

TEST_F(Inspect, each_operation_needs_its_input) {
  EXPECT_EQ(read(Api::chat, R"({"model":"m"})"), "you must give `messages`, an array");
  EXPECT_EQ(why_.param, "messages");
  EXPECT_EQ(read(Api::chat, R"({"model":"m","messages":{}})"), "`messages` must be an array");
  EXPECT_EQ(read(Api::completions, R"({"model":"m"})"), "ok");
  EXPECT_EQ(read(Api::completions, R"({"model":"m","prompt":"12345"})"), "ok");
  EXPECT_EQ(facts_.prompt_bytes, 7U);
  EXPECT_EQ(facts_.prompt_tokens, 2U);
  EXPECT_EQ(read(Api::embeddings, R"({"model":"m"})"), "you must give an `input`");
  EXPECT_EQ(read(Api::embeddings, R"({"model":"m","input":null})"), "you must give an `input`");
  EXPECT_EQ(read(Api::embeddings, R"({"model":"m","input":["a","b"]})"), "ok");
  EXPECT_EQ(facts_.prompt_bytes, 9U);
}

TEST_F(Inspect, json_that_is_invalid_anywhere_is_refused) {
  for (const char* value :
       {"007", "tru", "[1 2]", "[1,2}", "{1:2}", "\"\\ud800\"", "\"\\x\"", "NaN", "\"\x01\"", "\"\xFF\"", "1,", ""}) {
    const std::string answer = chat(std::string("\"unknown\":[{\"deep\":") + value + "}]");
    EXPECT_TRUE(answer.starts_with("the body is not valid JSON: ")) << value << ": " << answer;
    EXPECT_EQ(why_.param, "");
  }
  EXPECT_EQ(chat(R"("big":12345678901234567890123456,"huge":1e999)"), "ok");
  for (const char* body : {"", "[]", "\"m\"", "null"}) EXPECT_NE(read(Api::chat, body), "ok") << body;
  EXPECT_EQ(read(Api::chat, "[1]"), "the body must be a JSON object");
  EXPECT_NE(read(Api::chat, R"({"model":"m","messages":[]}{})"), "ok");
  EXPECT_NE(read(Api::chat, "\xEF\xBB\xBF{\"model\":\"m\",\"messages\":[]}"), "ok");
}

TEST_F(Inspect, bombs_are_refused_by_name) {
  EXPECT_TRUE(chat("\"x\":" + std::string(1'000'000, '['))
                  .starts_with("the body is not valid JSON: nested deeper than 128 levels at byte "));
  std::string members = "\"k\":0";
  for (int i = 0; i < 100'000; ++i) members += ",\"k" + std::to_string(i) + "\":0";
  EXPECT_TRUE(chat(members).starts_with("the body is not valid JSON: more than 100000 members at byte "));
}

TEST_F(Inspect, counts_are_read_leniently) {
  EXPECT_EQ(chat(R"("max_tokens":1e3)"), "ok");
  EXPECT_EQ(facts_.max_tokens, 1000);
  EXPECT_EQ(chat(R"("max_tokens":5,"max_completion_tokens":9)"), "ok");
  EXPECT_EQ(facts_.max_tokens, 9);
  for (const char* value : {"\"12\"", "null", "1.5", "-3", "1e40", "[]"}) {
    EXPECT_EQ(chat(std::string("\"max_tokens\":") + value + ",\"n\":" + value), "ok") << value;
    EXPECT_EQ(facts_.max_tokens, -1) << value;
    EXPECT_EQ(facts_.n, 1) << value;
  }
}

TEST_F(Inspect, images_are_seen_in_message_parts_only) {
  const auto with = [&](const std::string& messages) {
    EXPECT_EQ(read(Api::chat, R"({"model":"m","messages":)" + messages + "}"), "ok") << messages;
    return facts_.images;
  };
  EXPECT_TRUE(with(R"([{"role":"user"},{"content":[{"type":"text"},{"image_url":{},"type":"image_url"}]}])"));
  EXPECT_TRUE(with(R"([{"content":[{"ty\u0070e":"input\u005fimage"}]}])"));
  EXPECT_FALSE(with(R"([{"content":"{\"type\":\"image_url\"}"}])"));
  EXPECT_FALSE(with(R"([{"content":[{"type":"text","text":"image_url"}]}])"));
  EXPECT_FALSE(with(R"([{"other":[{"type":"image_url"}],"content":[1,[{"type":"image_url"}],"image_url"]}, 3])"));
}

TEST_F(Inspect, tools_and_formats_count_only_when_they_ask_for_something) {
  EXPECT_EQ(chat(R"("tools":[],"functions":null,"response_format":{"type":"text"})"), "ok");
  EXPECT_FALSE(facts_.tools || facts_.response_format);
  EXPECT_EQ(chat(R"("functions":[{"name":"f"}],"tools":[ ])"), "ok");
  EXPECT_TRUE(facts_.tools);
  EXPECT_EQ(chat(R"("tools":[{"name":"f"}],"response_format":{"json_schema":{},"type":"json_schema"})"), "ok");
  EXPECT_TRUE(facts_.tools && facts_.response_format);
  EXPECT_EQ(chat(R"("response_format":null,"seed":null,"temperature":null)"), "ok");
  EXPECT_FALSE(facts_.response_format || facts_.has_seed || facts_.has_temperature);
}

TEST_F(Inspect, other_operations_give_their_model_and_nothing_is_demanded) {
  EXPECT_EQ(read(Api::other, R"({"model":"m","input":"12","stream":true})"), "ok");
  EXPECT_EQ(facts_.model, "m");
  EXPECT_TRUE(facts_.json && facts_.stream);
  EXPECT_EQ(facts_.prompt_bytes, 4U);
  for (const char* body : {"{}", R"({"model":7})", R"({"model":""})", R"({"stream":"x","stream_options":3})"}) {
    EXPECT_EQ(read(Api::other, body), "ok") << body;
    EXPECT_TRUE(facts_.json);
    EXPECT_EQ(facts_.model, "");
    EXPECT_EQ(facts_.model_at.len, 0U);
  }
  EXPECT_EQ(read(Api::other, R"({"model":"a\u0000"})"), "`model` must not hold control characters");
}

TEST_F(Inspect, bodies_that_are_no_json_object_pass_through_other_operations) {
  for (const char* body : {"", "RIFF\x01\x02", "[1,2", "--boundary\r\n"}) {
    EXPECT_EQ(read(Api::other, body, "application/json"), "ok") << body;
    EXPECT_FALSE(facts_.json);
  }
  const std::string lines = "{\"model\":\"m\"}\n{\"model\":\"n\"}\n";
  for (const char* type : {"multipart/form-data; boundary=x", "application/x-ndjson", "audio/wav", "", "text/plain"}) {
    EXPECT_EQ(read(Api::other, lines, type), "ok") << type;
    EXPECT_FALSE(facts_.json) << type;
    EXPECT_EQ(facts_.model, "");
  }
  EXPECT_NE(read(Api::other, lines, "Application/JSON; charset=utf-8"), "ok");
  EXPECT_NE(read(Api::other, lines, "application/vnd.x+json"), "ok");
}

TEST_F(Inspect, chats_are_read_whatever_their_media_type_says) {
  EXPECT_EQ(read(Api::chat, R"({"model":"m","messages":[]})", "application/x-www-form-urlencoded"), "ok");
  EXPECT_EQ(facts_.model, "m");
  EXPECT_NE(read(Api::chat, "--x\r\n", "multipart/form-data; boundary=x"), "ok");
}

}  // namespace
}  // namespace spillway
