// Embeddings between OpenAI's words, Ollama's, Gemini's and Cohere's (ecosystem.md 1.6).
#include "llm/embeddings.h"

#include <gtest/gtest.h>

namespace spillway::llm {
namespace {

class Embeddings : public testing::Test {
 protected:
  Node node(std::string text) {
    text_ = std::move(text);
    text_.reserve(text_.size() + JsonScanner::kPadding);
    return read_node(scanner_, text_, text_.capacity());
  }
  EmbedRequest asked(Wire wire, std::string body) {
    EmbedRequest request;
    Refusal why;
    EXPECT_TRUE(read_embed_request(wire, node(std::move(body)), request, why)) << why.message;
    return request;
  }
  std::string written(Wire wire, const EmbedRequest& request) {
    std::string out;
    Refusal why;
    return write_embed_request(wire, request, "m2", out, scanner_, why) ? out : "refused: " + why.message;
  }
  std::string answered(Wire provider, Wire client, const EmbedRequest& request, std::string body) {
    text_ = std::move(body);
    text_.reserve(text_.size() + JsonScanner::kPadding);
    Result<EmbedAnswer> answer = embed_answer(provider, client, request, "mine", scanner_, text_, text_.capacity());
    if (!answer) return "wrong: " + answer.error().detail;
    tokens_ = answer->tokens;
    return answer->body.empty() ? "as it is" : answer->body;
  }
  JsonScanner scanner_;
  std::string text_;
  Tokens tokens_;
};

constexpr Wire kOpenai = Wire::openai_chat, kOllama = Wire::ollama;

TEST_F(Embeddings, requests_go_both_ways) {
  const EmbedRequest one =
      asked(kOpenai, R"({"model":"m","input":"a\u00e9","dimensions":8,"user":"u","encoding_format":"base64"})");
  EXPECT_TRUE(one.base64);
  EXPECT_EQ(written(kOllama, one), R"({"model":"m2","input":["a\u00e9"],"dimensions":8})");
  const EmbedRequest many = asked(kOllama, R"({"model":"m","input":["a","b"],"truncate":false,"keep_alive":"5m"})");
  EXPECT_EQ(written(kOpenai, many), R"({"model":"m2","input":["a","b"],"encoding_format":"float"})");
  EXPECT_EQ(written(kOllama, many), R"({"model":"m2","input":["a","b"],"truncate":false})");
  const EmbedRequest old = asked(kOllama, R"({"model":"m","prompt":"a"})");
  EXPECT_TRUE(old.one);
  EXPECT_EQ(written(kOpenai, old), R"({"model":"m2","input":["a"],"encoding_format":"float"})");
}

TEST_F(Embeddings, token_ids_are_for_those_who_take_them) {
  for (const char* input : {"[1,2,3]", "[[1,2],[3]]"}) {
    const EmbedRequest request = asked(kOpenai, R"({"model":"m","input":)" + std::string(input) + "}");
    EXPECT_TRUE(request.token_ids);
    EXPECT_EQ(request.inputs.size(), input[1] == '[' ? 2u : 1u);
    EXPECT_EQ(written(kOllama, request).substr(0, 8), "refused:");
  }
  for (const char* input : {"[]", "[true]", "[null]", "3", "{}", "[\"a\",{}]"}) {
    EmbedRequest request;
    Refusal why;
    EXPECT_FALSE(read_embed_request(kOpenai, node(R"({"input":)" + std::string(input) + "}"), request, why)) << input;
    EXPECT_EQ(why.param, "input");
  }
}

TEST_F(Embeddings, answers_go_both_ways_in_the_order_of_the_inputs) {
  const EmbedRequest two = asked(kOllama, R"({"model":"m","input":["a","b"]})");
  EXPECT_EQ(
      answered(
          kOpenai, kOllama, two,
          R"({"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":"AACAPw=="}],"usage":{"prompt_tokens":4}})"),
      R"({"model":"mine","embeddings":[[1],[2]],"total_duration":0,"load_duration":0,"prompt_eval_count":4})");
  EXPECT_EQ(tokens_.input, 4);
  EmbedRequest packed = asked(kOpenai, R"({"model":"m","input":["a","b"],"encoding_format":"base64"})");
  EXPECT_EQ(answered(kOllama, kOpenai, packed, R"({"embeddings":[[1.0],[-2.5]],"prompt_eval_count":3})"),
            R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPw=="},)"
            R"({"object":"embedding","index":1,"embedding":"AAAgwA=="}],"model":"mine",)"
            R"("usage":{"prompt_tokens":3,"total_tokens":3}})");
  packed.base64 = false;
  EXPECT_NE(answered(kOllama, kOpenai, packed, R"({"embeddings":[[1.0],[-2.50]]})").find("[-2.50]"), std::string::npos)
      << "numbers stay as they are spelled";
  const EmbedRequest old = asked(kOllama, R"({"model":"m","prompt":"a"})");
  EXPECT_EQ(answered(kOpenai, kOllama, old, R"({"data":[{"embedding":[1]}]})"), R"({"embedding":[1]})");
}

TEST_F(Embeddings, indices_that_are_all_the_same_are_of_no_use) {
  const EmbedRequest two = asked(kOllama, R"({"model":"m","input":["a","b"]})");
  const std::string got =
      answered(kOpenai, kOllama, two, R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[2]}]})");
  EXPECT_NE(got.find("[[1],[2]]"), std::string::npos) << got;
}

TEST_F(Embeddings, an_answer_that_lacks_a_vector_is_none) {
  const EmbedRequest two = asked(kOllama, R"({"model":"m","input":["a","b"]})");
  for (const char* body :
       {R"({"data":[{"embedding":[1]}]})", R"({"data":[]})", R"({"data":[{"embedding":[1]},{}]})", "[]", "{",
        R"({"data":[{"embedding":[1]},{"embedding":[]}]})", R"({"data":[{"embedding":[1]},{"embedding":"!"}]})"}) {
    const std::string got = answered(kOpenai, kOllama, two, body);
    EXPECT_EQ(got.substr(0, 6), "wrong:") << body << got;
  }
}

TEST_F(Embeddings, what_passes_is_touched_only_where_the_spelling_is_another) {
  EmbedRequest request = asked(kOpenai, R"({"model":"m","input":"a"})");
  const std::string floats =
      R"({ "data" : [{"x":1, "embedding":[1 , -2.5] }],"usage":{"prompt_tokens":1}, "model":"theirs" })";
  const std::string packed =
      R"({ "data" : [{"x":1, "embedding":"AACAPwAAIMA=" }],"usage":{"prompt_tokens":1}, "model":"theirs" })";
  EXPECT_EQ(answered(kOpenai, kOpenai, request, floats), "as it is");
  EXPECT_EQ(answered(kOpenai, kOpenai, request, packed),
            R"({ "data" : [{"x":1, "embedding":[1,-2.5] }],"usage":{"prompt_tokens":1}, "model":"theirs" })");
  request.base64 = true;
  EXPECT_EQ(answered(kOpenai, kOpenai, request, packed), "as it is");
  EXPECT_EQ(answered(kOpenai, kOpenai, request, floats), packed);
  for (const char* odd : {R"({"data":[{"embedding":{"dense":[1]}}]})", R"({"data":[{"embedding":[[1],[2]]}]})"}) {
    EXPECT_EQ(answered(kOpenai, kOpenai, request, odd), "as it is") << "between those two";
  }
  EXPECT_EQ(answered(kOllama, kOllama, asked(kOllama, R"({"input":"a"})"), R"({"embeddings":[[1]]})"), "as it is");
}

constexpr Wire kGemini = Wire::gemini;

TEST_F(Embeddings, gemini_s_come_one_or_many_and_name_the_model_each_time) {
  const EmbedRequest one =
      asked(kGemini, R"({"model":"models/m","content":{"parts":[{"text":"a"},{"text":"\"b"}]},"taskType":"X"})");
  EXPECT_TRUE(one.one);
  EXPECT_EQ(written(kOpenai, one), R"({"model":"m2","input":["a\"b"],"encoding_format":"float"})");
  EXPECT_EQ(written(kGemini, one),
            R"({"requests":[{"model":"models/m2","content":{"parts":[{"text":"a"},{"text":"\"b"}]},"taskType":"X"}]})");
  EXPECT_EQ(answered(kOpenai, kGemini, one, R"({"data":[{"embedding":[1,2]}]})"), R"({"embedding":{"values":[1,2]}})");
  EXPECT_EQ(answered(kGemini, kGemini, one, R"({"embeddings":[{"values":[1.50]}]})"),
            R"({"embedding":{"values":[1.50]}})");
  const EmbedRequest many =
      asked(kGemini, R"({"requests":[{"content":{"parts":[{"text":"a"}]},"outputDimensionality":8},)"
                     R"({"content":{"parts":[{"text":"b"}]}}]})");
  EXPECT_EQ(written(kOllama, many), R"({"model":"m2","input":["a","b"],"dimensions":8})");
  EXPECT_EQ(answered(kOllama, kGemini, many, R"({"embeddings":[[1],[2]]})"),
            R"({"embeddings":[{"values":[1]},{"values":[2]}]})");
  EXPECT_EQ(written(kGemini, asked(kOpenai, R"({"input":["a","b"],"dimensions":3})")),
            R"({"requests":[{"model":"models/m2","content":{"parts":[{"text":"a"}]},"outputDimensionality":3},)"
            R"({"model":"models/m2","content":{"parts":[{"text":"b"}]},"outputDimensionality":3}]})");
  EXPECT_EQ(answered(kGemini, kOpenai, asked(kOpenai, R"({"input":"a"})"),
                     R"({"embeddings":[{"values":[1]}],"usageMetadata":{"promptTokenCount":2}})"),
            R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]}],"model":"mine",)"
            R"("usage":{"prompt_tokens":2,"total_tokens":2}})");
  EXPECT_EQ(written(kGemini, asked(kOpenai, R"({"input":[1,2]})")).substr(0, 8), "refused:");
  for (const char* body : {R"({"requests":[]})", R"({"content":{"parts":[{"inlineData":{}}]}})",
                           R"({"requests":[{"content":{"parts":[{}]}}]})"}) {
    EmbedRequest request;
    Refusal why;
    EXPECT_FALSE(read_embed_request(kGemini, node(body), request, why)) << body;
  }
}

constexpr Wire kCohere = Wire::cohere;

TEST_F(Embeddings, cohere_s_requests_say_what_for_and_the_spelling) {
  EXPECT_EQ(written(kCohere, asked(kOpenai, R"({"input":"a\u00e9","dimensions":256,"user":"u"})")),
            R"({"model":"m2","texts":["a\u00e9"],"input_type":"search_document","embedding_types":["float"],)"
            R"("output_dimension":256})");
  EXPECT_EQ(
      written(kCohere, asked(kOpenai, R"({"input":["a","b"],"encoding_format":"base64","input_type":"search_query"})")),
      R"({"model":"m2","texts":["a","b"],"input_type":"search_query","embedding_types":["base64"]})");
  EXPECT_EQ(
      written(kCohere, asked(kOllama, R"({"input":["a"],"truncate":false})")),
      R"({"model":"m2","texts":["a"],"input_type":"search_document","embedding_types":["float"],"truncate":"NONE"})");
  EXPECT_EQ(
      written(kCohere, asked(kOllama, R"({"input":["a"],"truncate":true})")),
      R"({"model":"m2","texts":["a"],"input_type":"search_document","embedding_types":["float"],"truncate":"END"})");
  for (const auto& [task, type] : {std::pair{"RETRIEVAL_QUERY", "search_query"},
                                   {"RETRIEVAL_DOCUMENT", "search_document"},
                                   {"CLASSIFICATION", "classification"},
                                   {"CLUSTERING", "clustering"},
                                   {"SEMANTIC_SIMILARITY", "search_document"}}) {
    const std::string body = R"({"content":{"parts":[{"text":"a"}]},"taskType":")" + std::string(task) + "\"}";
    EXPECT_NE(written(kCohere, asked(kGemini, body)).find("\"input_type\":\"" + std::string(type)), std::string::npos);
  }
  EXPECT_EQ(written(kCohere, asked(kOpenai, R"({"input":[1,2]})")).substr(0, 8), "refused:") << "it takes no tokens";
  std::string many = R"({"input":["a")";
  for (int i = 1; i < 96; ++i) many += R"(,"a")";
  EXPECT_EQ(written(kCohere, asked(kOpenai, many + "]}")).substr(0, 8), "{\"model\"");
  EXPECT_EQ(written(kCohere, asked(kOpenai, many + R"(,"b"]})")).substr(0, 8), "refused:") << "97 texts";
}

TEST_F(Embeddings, cohere_s_answers_are_by_type_and_billed) {
  EmbedRequest two = asked(kOpenai, R"({"input":["a","b"]})");
  const std::string floats =
      R"({"id":"x","embeddings":{"float":[[1.0],[-2.5]]},"texts":["a"],"meta":{"billed_units":{"input_tokens":5}}})";
  const std::string packed =
      R"({"embeddings":{"base64":["AACAPw==","AAAgwA=="]},"meta":{"billed_units":{"input_tokens":5}}})";
  const std::string as_floats = R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1.0]},)"
                                R"({"object":"embedding","index":1,"embedding":[-2.5]}],"model":"mine",)"
                                R"("usage":{"prompt_tokens":5,"total_tokens":5}})";
  EXPECT_EQ(answered(kCohere, kOpenai, two, floats), as_floats);
  EXPECT_EQ(tokens_.input, 5);
  EXPECT_NE(answered(kCohere, kOpenai, two, packed).find(R"("embedding":[-2.5])"), std::string::npos);
  two.base64 = true;
  EXPECT_NE(answered(kCohere, kOpenai, two, floats).find(R"("embedding":"AAAgwA==")"), std::string::npos);
  EXPECT_NE(answered(kCohere, kOpenai, two, packed).find(R"("embedding":"AAAgwA==")"), std::string::npos);
  EXPECT_EQ(
      answered(kCohere, kOllama, asked(kOllama, R"({"input":["a","b"]})"), floats),
      R"({"model":"mine","embeddings":[[1.0],[-2.5]],"total_duration":0,"load_duration":0,"prompt_eval_count":5})");
  EXPECT_EQ(answered(kCohere, kGemini, asked(kGemini, R"({"content":{"parts":[{"text":"a"}]}})"),
                     R"({"embeddings":{"float":[[7]]}})"),
            R"({"embedding":{"values":[7]}})");
  for (const char* body : {R"({"embeddings":{"float":[[1]]}})", R"({"embeddings":{"int8":[[1],[2]]}})",
                           R"({"embeddings":[[1],[2]]})", R"({"message":"no"})"}) {
    EXPECT_EQ(answered(kCohere, kOpenai, two, body).substr(0, 6), "wrong:") << body;
  }
}

}  // namespace
}  // namespace spillway::llm
