// Splicing changes the model's string and asks for usage; every other byte goes through as it came.
#include <gtest/gtest.h>

#include <random>

#include "llm/facts.h"

namespace spillway {
namespace {

class Splicing : public testing::Test {
 protected:
  // The body as it would be sent; also checks that it is made of slices and of our few bytes only.
  std::string send(const std::string& body, std::string_view model, bool want_usage, Api api = Api::chat,
                   bool deny_training = false) {
    BadRequest why;
    const Result<Facts> facts = inspect(scanner_, api, "application/json", body, body.size(), why);
    if (!facts) return "refused: " + why.message;
    facts_ = *facts;
    splice(facts_, body, model, want_usage, out_, deny_training);
    std::string sent;
    for (const std::string_view piece : out_.pieces) {
      const bool of_body = piece.data() >= body.data() && piece.data() + piece.size() <= body.data() + body.size();
      const std::string& store = out_.store;
      const bool ours = piece.data() >= store.data() && piece.data() + piece.size() <= store.data() + store.size();
      EXPECT_TRUE(of_body || ours);
      EXPECT_FALSE(piece.empty());
      sent += piece;
    }
    EXPECT_EQ(out_.bytes, sent.size());
    return sent;
  }
  JsonScanner scanner_;
  Facts facts_;
  Splice out_;
};

// Big integers, nested duplicates, odd white space, escaped unicode, key order, unknown fields.
const std::string kOdd =
    "\r\n\t{ \"z\" :12345678901234567890123456,\"messages\" : [ {\"a\":1,\"a\":2.50,\"content\":"
    "\"\\u00e9\\/\\ud83d\\ude00\xC3\xA9\"} ] ,\n\n\"mod\\u0065l\"\t:\t\"cl\\u0069ent\"  , "
    "\"1e3\":1E+03,\"stream\":true , \"a\":-0.0 }\n \t";

TEST_F(Splicing, without_a_change_the_body_is_one_piece) {
  EXPECT_EQ(send(kOdd, "", false), kOdd);
  EXPECT_EQ(out_.pieces.size(), 1U);
  EXPECT_EQ(send(kOdd, "client", false), kOdd);
  EXPECT_EQ(out_.pieces.size(), 1U);
  EXPECT_EQ(out_.pieces[0].data(), kOdd.data());
}

TEST_F(Splicing, only_the_model_string_changes) {
  std::string want = kOdd;
  want.replace(want.find("\"cl\\u0069ent\""), 13, "\"up/stream:free\"");
  EXPECT_EQ(send(kOdd, "up/stream:free", false), want);
}

TEST_F(Splicing, O15_training_is_denied_whatever_the_client_said) {
  const auto deny = [&](const std::string& body) { return send(body, "", false, Api::chat, true); };
  EXPECT_EQ(deny(R"({"model":"m","messages":[]})"),
            R"({"provider":{"data_collection":"deny"},"model":"m","messages":[]})");
  EXPECT_EQ(deny(R"({"model":"m","messages":[],"provider":{"order":[1.0]}})"),
            R"({"model":"m","messages":[],"provider":{"data_collection":"deny","order":[1.0]}})");
  EXPECT_EQ(deny(R"({"model":"m","messages":[],"provider": { } })"),
            R"({"model":"m","messages":[],"provider": {"data_collection":"deny" } })");
  EXPECT_EQ(deny(R"({"model":"m","messages":[],"provider":null})"),
            R"({"model":"m","messages":[],"provider":{"data_collection":"deny"}})");
  EXPECT_EQ(deny(R"({"model":"m","messages":[],"provider":{"data_coll\u0065ction":"allow","zdr":true}})"),
            R"({"model":"m","messages":[],"provider":{"data_coll\u0065ction":"deny","zdr":true}})");
  EXPECT_EQ(deny(R"({"model":"m","messages":[],"provider":{"data_collection":"allow","data_collection":{"a":1}}})"),
            R"({"model":"m","messages":[],"provider":{"data_collection":"deny","data_collection":"deny"}})");
  EXPECT_EQ(send(R"({"model":"m","messages":[],"stream":true})", "n", true, Api::chat, true),
            R"({"stream_options":{"include_usage":true},"provider":{"data_collection":"deny"},)"
            R"("model":"n","messages":[],"stream":true})");
  EXPECT_EQ(send("{}", "", false, Api::other, true), R"({"provider":{"data_collection":"deny"}})");
}

TEST_F(Splicing, the_model_is_escaped) {
  EXPECT_EQ(send(R"({"model":"m","messages":[]})", "a\"b\\c\n", false), R"({"model":"a\"b\\c\n","messages":[]})");
}

TEST_F(Splicing, usage_is_asked_for_when_absent) {
  std::string want = kOdd;
  want.replace(want.find("\"cl\\u0069ent\""), 13, "\"x\"");
  want.insert(want.find('{') + 1, R"("stream_options":{"include_usage":true},)");
  EXPECT_EQ(send(kOdd, "x", true), want);
}

TEST_F(Splicing, usage_is_put_into_the_clients_own_options) {
  const auto with = [&](const std::string& options) {
    const std::string head = R"({"stream":true,"model":"m","messages":[],"stream_options" : )";
    const std::string sent = send(head + options + " }", "", true);
    EXPECT_EQ(sent.substr(0, head.size()), head);
    EXPECT_TRUE(sent.ends_with(" }"));
    return sent.substr(head.size(), sent.size() - head.size() - 2);
  };
  EXPECT_EQ(with("{}"), R"({"include_usage":true})");
  EXPECT_EQ(with("{ \n}"), "{\"include_usage\":true \n}");
  EXPECT_EQ(with("null"), R"({"include_usage":true})");
  EXPECT_EQ(with(R"({ "x" : 1 })"), R"({"include_usage":true, "x" : 1 })");
  EXPECT_EQ(with(R"({"include_usage": false ,"x":[]})"), R"({"include_usage": true ,"x":[]})");
  EXPECT_EQ(with(R"({"include_us\u0061ge":null})"), R"({"include_us\u0061ge":true})");
  EXPECT_EQ(with(R"({"include_usage":true,"include_usage":false})"), R"({"include_usage":true,"include_usage":true})");
  EXPECT_EQ(with(R"({"x":{"include_usage":false}})"), R"({"include_usage":true,"x":{"include_usage":false}})");
}

TEST_F(Splicing, usage_is_left_alone_where_it_has_no_place) {
  for (const char* body : {R"({"model":"m","messages":[],"stream":false})", R"({"model":"m","messages":[]})",
                           R"({"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}})"}) {
    EXPECT_EQ(send(body, "", true), body);
  }
  const std::string body = R"({"model":"m","input":[],"stream":true})";
  EXPECT_EQ(send(body, "", true, Api::embeddings), body);
  EXPECT_EQ(send(body, "", true, Api::other), body);
}

TEST_F(Splicing, a_body_without_a_model_is_not_given_one) {
  for (const char* body : {R"({"input":1})", R"({"model":7})", "RIFF"}) {
    EXPECT_EQ(send(body, "x", true, Api::other), body);
    EXPECT_EQ(out_.pieces.size(), 1U);
  }
  EXPECT_EQ(send("", "x", true, Api::other), "");
}

TEST_F(Splicing, ten_megabytes_are_sliced_not_copied) {
  std::string prompt;
  while (prompt.size() < 10'000'000) prompt += "the quick brown \\u0066ox \xF0\x9F\xA6\x8A \\n";
  const std::string head = R"({"messages":[{"content":")" + prompt + R"("}],"stream":true,"model":)";
  EXPECT_TRUE(send(head + R"("a"})", "bee", true) ==
              R"({"stream_options":{"include_usage":true},)" + head.substr(1) + R"("bee"})");
  EXPECT_LT(out_.store.size(), 100U);
  EXPECT_LE(out_.pieces.size(), 5U);
}

TEST_F(Splicing, a_splice_is_good_for_many_bodies) {
  EXPECT_EQ(send(R"({"model":"m","messages":[]})", "first", false), R"({"model":"first","messages":[]})");
  EXPECT_EQ(send(R"({"messages":[],"model":"m"})", "2", false), R"({"messages":[],"model":"2"})");
}

// Bodies with bytes changed, dropped and doubled: whatever is accepted must come out as the same JSON but for our
// edits, which an independent reader judges.
TEST_F(Splicing, mutated_bodies_come_out_valid_and_otherwise_equal) {
  const std::vector<std::string> seeds = {
      kOdd, R"({"model":"m","messages":[{"content":[{"type":"image_url"}]}],"stream":true,"stream_options":{}})",
      R"({"stream_options":{"include_usage":false,"x":[1,{}]},"stream":true,"messages":[],"model":"\u006d"})"};
  std::mt19937 dice(20240607);
  const std::string alphabet = "{}[]:,\"\\ue0 \n\x01\x80\xC3tfn-.1";
  int accepted = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string body = seeds[dice() % seeds.size()];
    for (unsigned edits = dice() % 3 + 1; edits > 0; --edits) {
      const std::size_t at = dice() % body.size();
      switch (dice() % 3) {
        case 0: body[at] = alphabet[dice() % alphabet.size()]; break;
        case 1: body.erase(at, 1); break;
        default: body.insert(at, 1, alphabet[dice() % alphabet.size()]); break;
      }
    }
    const std::string sent = send(body, "new/model", true);
    if (sent.starts_with("refused")) continue;
    ++accepted;
    const Result<JsonValue> before = parse_json(body);
    const Result<JsonValue> after = parse_json(sent);
    ASSERT_TRUE(before && after) << body << "\n" << sent;
    EXPECT_EQ((*after)["model"].string(), "new/model");
    const bool asks = (*after)["stream_options"]["include_usage"].boolean(false);
    EXPECT_EQ(asks, facts_.stream || facts_.include_usage) << body;
    const std::vector<std::string_view> ours = {"model", "stream_options"};
    EXPECT_EQ(*canonical_json(body, ours), *canonical_json(sent, ours));
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace spillway
