// Any bytes as a request body of every operation, spliced: what inspect() accepts comes out as JSON that says the new
// model and asks for usage, and is the same text but for that.
#include <cstdlib>
#include <string>

#include "llm/facts.h"

namespace {

using namespace spillway;

void require(bool condition) {
  if (!condition) std::abort();
}

std::string joined(const Splice& splice) {
  std::string out;
  for (const std::string_view piece : splice.pieces) out += piece;
  require(out.size() == splice.bytes);
  return out;
}

void check(JsonScanner& scanner, Api api, const std::string& body) {
  BadRequest why;
  const Result<Facts> facts = inspect(scanner, api, "application/json", body, body.size(), why);
  if (!facts) return require(!why.message.empty());
  Splice spliced;
  splice(*facts, body, "", false, spliced);
  require(joined(spliced) == body);
  splice(*facts, body, "new \"model\"\n", true, spliced);
  const std::string sent = joined(spliced);
  if (!facts->json) return require(sent == body);
  const Result<JsonValue> tree = parse_json(sent);
  require(static_cast<bool>(tree));
  if (facts->model_at.len != 0) require((*tree)["model"].string() == "new \"model\"\n");
  const JsonValue& usage = (*tree)["stream_options"]["include_usage"];
  if (api == Api::chat && facts->stream) require(usage.boolean(false));
  const std::vector<std::string_view> ours = {"model", "stream_options"};
  require(*canonical_json(body, ours) == *canonical_json(sent, ours));
}

// A form that names a model says the new one instead, and is the same text but for that.
void check_form(JsonScanner& scanner, const std::string& body) {
  BadRequest why;
  const Result<Facts> facts = inspect(scanner, Api::other, "multipart/form-data; boundary=b", body, body.size(), why);
  if (!facts) return require(!why.message.empty());
  Splice spliced;
  splice(*facts, body, "other model", true, spliced);
  std::string expected = body;
  if (facts->form) expected.replace(facts->model_at.at, facts->model_at.len, "other model");
  require(joined(spliced) == expected);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonScanner scanner;
  const std::string body(reinterpret_cast<const char*>(data), size);
  for (const Api api : {Api::chat, Api::completions, Api::embeddings, Api::models, Api::other}) {
    check(scanner, api, body);
  }
  check_form(scanner, body);
  return 0;
}
