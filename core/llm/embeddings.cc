#include "llm/embeddings.h"

#include <utility>

#include "llm/vectors.h"

namespace spillway::llm {

namespace {

Error unusable(std::string why) { return {Kind::invalid, Source::upstream, Retry::yes, std::move(why)}; }

bool wrong(Refusal& why, std::string message) {
  why = {std::move(message), "input", {}};
  return false;
}

bool is_tokens(const Node& list) { return list.is(JsonType::array) && list.first().is(JsonType::number); }

// A text, several, the tokens of one, or those of several.
bool read_inputs(const Node& input, EmbedRequest& out, Refusal& why) {
  out.token_ids = is_tokens(input);
  if (input.is(JsonType::string) || out.token_ids) {
    out.inputs.emplace_back(input.raw());
    return true;
  }
  for (const Node each : input) {
    const bool tokens = is_tokens(each);
    if (!tokens && !each.is(JsonType::string)) return wrong(why, "'input' must hold texts or lists of token ids");
    out.token_ids = out.token_ids || tokens;
    out.inputs.emplace_back(each.raw());
  }
  return !out.inputs.empty() || wrong(why, "'input' must not be empty");
}

// What Gemini's clients say a vector is for, in Cohere's words.
std::string_view input_type_of(const Node& task) {
  constexpr std::pair<std::string_view, std::string_view> kTasks[] = {{"RETRIEVAL_DOCUMENT", "search_document"},
                                                                      {"RETRIEVAL_QUERY", "search_query"},
                                                                      {"CLASSIFICATION", "classification"},
                                                                      {"CLUSTERING", "clustering"}};
  for (const auto& [theirs, type] : kTasks) {
    if (task.equals(theirs)) return type;
  }
  return {};
}

// One request of Gemini's: its words, where it has nothing else.
bool read_gemini_request(const Node& request, EmbedRequest& out, Refusal& why) {
  std::string text;
  for (const Node part : request["content"]["parts"]) {
    if (!part["text"].is(JsonType::string)) return wrong(why, "'content' must hold texts");
    text += part["text"].string();
  }
  append_json_string(out.inputs.emplace_back(), text);
  out.requests.emplace_back(request.raw());
  if (out.input_type.empty()) out.input_type = input_type_of(request["taskType"]);
  const std::int64_t dimensions = request["outputDimensionality"].integer(-1);
  if (dimensions >= 0) out.dimensions = dimensions;
  return true;
}

bool read_gemini(const Node& root, EmbedRequest& out, Refusal& why) {
  out.one = !root["requests"].there();
  if (out.one) return read_gemini_request(root, out, why);
  for (const Node each : root["requests"]) {
    if (!read_gemini_request(each, out, why)) return false;
  }
  return !out.inputs.empty() || wrong(why, "'requests' must not be empty");
}

// What else a client of its own said of an input stays; the model's name is the target's.
void write_gemini(const EmbedRequest& request, std::string_view model, JsonScanner& scanner, JsonWriter& json) {
  const std::string name = "models/" + std::string(model);
  json.open('{').key("requests"sv).open('[');
  for (std::size_t i = 0; i < request.inputs.size(); ++i) {
    json.open('{').member("model"sv, name);
    if (i < request.requests.size()) {
      for (const Node member : read_node(scanner, request.requests[i], request.requests[i].size())) {
        if (const std::string key = member.key(); key != "model") json.key(key).raw(member.raw());
      }
    } else {
      json.key("content"sv).open('{').key("parts"sv).open('[').open('{').key("text"sv).raw(request.inputs[i]);
      json.close('}').close(']').close('}');
      if (request.dimensions >= 0) json.member("outputDimensionality"sv, request.dimensions);
    }
    json.close('}');
  }
  json.close(']').close('}');
}

constexpr std::size_t kCohereInputs = 96;  // of one request: its documentation of /v2/embed

// Cohere's v2: it must be told what for, and has no words for who asks. What is not said is meant to be found later.
void write_cohere(const EmbedRequest& request, std::string_view model, JsonWriter& json) {
  json.open('{').member("model"sv, model).key("texts"sv).open('[');
  for (const std::string& input : request.inputs) json.raw(input);
  json.close(']').member("input_type"sv,
                         request.input_type.empty() ? "search_document"sv : std::string_view(request.input_type));
  json.key("embedding_types"sv).open('[').value(request.base64 ? "base64"sv : "float"sv).close(']');
  if (request.dimensions >= 0) json.member("output_dimension"sv, request.dimensions);
  if (!request.truncate.empty()) json.member("truncate"sv, request.truncate == "false" ? "NONE"sv : "END"sv);
  json.close('}');
}

// The vectors of an answer, in the order of the inputs: by their indices where those are of any use, for some providers
// number all of them 0.
std::vector<Node> vectors_of(Wire provider, const Node& root) {
  std::vector<Node> vectors, placed;
  if (provider == Wire::ollama) {
    for (const Node each : root["embeddings"]) vectors.push_back(each);
    if (root["embedding"].is(JsonType::array)) vectors.push_back(root["embedding"]);
    return vectors;
  }
  if (provider == Wire::cohere) {  // a list for each spelling that was asked for
    const Node floats = root["embeddings"]["float"];
    for (const Node each : floats.there() ? floats : root["embeddings"]["base64"]) vectors.push_back(each);
    return vectors;
  }
  if (provider == Wire::gemini) {
    for (const Node each : root["embeddings"]) vectors.push_back(each["values"]);
    if (root["embedding"].there()) vectors.push_back(root["embedding"]["values"]);
    return vectors;
  }
  std::vector<std::int64_t> indices;
  for (const Node each : root["data"]) {
    indices.push_back(each["index"].integer(-1));
    vectors.push_back(each["embedding"]);
  }
  placed.resize(vectors.size());
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const auto at = static_cast<std::size_t>(indices[i]);  // -1 is out of range, too
    if (at >= placed.size() || placed[at].there()) return vectors;
    placed[at] = vectors[i];
  }
  return placed;
}

// As the client wants it; empty: it is no vector.
std::string spelled(const Node& vector, bool base64) {
  if (vector.is(JsonType::array) && !vector.first().is(JsonType::number)) return {};
  if (vector.is(JsonType::array)) return base64 ? floats_to_base64(vector) : std::string(vector.raw());
  if (!vector.is(JsonType::string)) return {};
  return base64 ? std::string(vector.raw()) : base64_to_floats(vector.string());
}

// The same answer with its vectors in the other spelling, all else as it came: also what is neither, for it is between
// those two how they call vectors. Empty: nothing had to change.
std::string respelled(const Node& root, bool base64, std::string_view body) {
  std::string out;
  std::size_t done = 0;
  for (const Node each : root["data"]) {
    const Node vector = each["embedding"];
    if (vector.is(base64 ? JsonType::string : JsonType::array)) continue;
    const std::string other = spelled(vector, base64);
    if (other.empty()) continue;
    const auto at = static_cast<std::size_t>(vector.raw().data() - body.data());
    out.append(body.substr(done, at - done)).append(other);
    done = at + vector.raw().size();
  }
  return done == 0 ? out : out.append(body.substr(done));
}

void write_openai(const std::vector<std::string>& vectors, std::string_view model, const Tokens& tokens,
                  JsonWriter& json) {
  json.open('{').member("object"sv, "list").key("data"sv).open('[');
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    json.open('{').member("object"sv, "embedding").member("index"sv, static_cast<std::int64_t>(i));
    json.key("embedding"sv).raw(vectors[i]).close('}');
  }
  json.close(']').member("model"sv, model).key("usage"sv).open('{');
  const std::int64_t input = tokens.input < 0 ? 0 : tokens.input;
  json.member("prompt_tokens"sv, input).member("total_tokens"sv, input).close('}').close('}');
}

void write_ollama(const std::vector<std::string>& vectors, std::string_view model, const Tokens& tokens, bool one,
                  JsonWriter& json) {
  if (one) {
    json.open('{').key("embedding"sv).raw(vectors[0]).close('}');
    return;
  }
  json.open('{').member("model"sv, model).key("embeddings"sv).open('[');
  for (const std::string& vector : vectors) json.raw(vector);
  json.close(']').member("total_duration"sv, 0).member("load_duration"sv, 0);
  json.member("prompt_eval_count"sv, tokens.input < 0 ? 0 : tokens.input).close('}');
}

void write_gemini_answer(const std::vector<std::string>& vectors, bool one, JsonWriter& json) {
  json.open('{');
  if (one) {
    json.key("embedding"sv).open('{').key("values"sv).raw(vectors[0]).close('}').close('}');
    return;
  }
  json.key("embeddings"sv).open('[');
  for (const std::string& vector : vectors) json.open('{').key("values"sv).raw(vector).close('}');
  json.close(']').close('}');
}

Tokens tokens_of(Wire provider, const Node& root) {
  const Node count = provider == Wire::ollama   ? root["prompt_eval_count"]
                     : provider == Wire::gemini ? root["usageMetadata"]["promptTokenCount"]
                     : provider == Wire::cohere ? root["meta"]["billed_units"]["input_tokens"]
                                                : root["usage"]["prompt_tokens"];
  Tokens tokens;
  tokens.input = count.integer(-1);
  if (tokens.input >= 0) tokens.output = 0;
  return tokens;
}

}  // namespace

bool read_embed_request(Wire wire, const Node& root, EmbedRequest& out, Refusal& why) {
  if (wire == Wire::gemini) return read_gemini(root, out, why);
  out.one = wire == Wire::ollama && !root["input"].there();
  out.dimensions = root["dimensions"].integer(-1);
  out.base64 = wire != Wire::ollama && root["encoding_format"].equals("base64");
  if (wire == Wire::ollama) root.read_raw("truncate", out.truncate);
  if (wire != Wire::ollama) {
    root.read_raw("user", out.user);
    out.input_type = root["input_type"].string();  // not OpenAI's, but many gateways' and models' of that API
  }
  return read_inputs(root[out.one ? "prompt" : "input"], out, why);
}

bool write_embed_request(Wire wire, const EmbedRequest& request, std::string_view model, std::string& out,
                         JsonScanner& scanner, Refusal& why) {
  if (wire != Wire::openai_chat && request.token_ids) {
    why = {"'input' must be text for the chosen model's provider, which takes no token ids", "input",
           "unsupported_parameter"};
    return false;
  }
  JsonWriter json(out);
  if (wire == Wire::gemini) {
    write_gemini(request, model, scanner, json);
    return true;
  }
  if (wire == Wire::cohere) {
    if (request.inputs.size() > kCohereInputs) {
      why = {"'input' may have at most 96 texts for the chosen model's provider", "input", "unsupported_parameter"};
      return false;
    }
    write_cohere(request, model, json);
    return true;
  }
  json.open('{').member("model"sv, model).key("input"sv).open('[');
  for (const std::string& input : request.inputs) json.raw(input);
  json.close(']');
  if (request.dimensions >= 0) json.member("dimensions"sv, request.dimensions);
  if (wire == Wire::ollama) {
    if (!request.truncate.empty()) json.key("truncate"sv).raw(request.truncate);
  } else {
    json.member("encoding_format"sv, "float");
    if (!request.user.empty()) json.key("user"sv).raw(request.user);
  }
  json.close('}');
  return true;
}

Result<EmbedAnswer> embed_answer(Wire provider, Wire client, const EmbedRequest& asked, std::string_view model,
                                 JsonScanner& scanner, std::string_view body, std::size_t room) {
  const Node root = read_node(scanner, body, room);
  if (!root.is(JsonType::object)) return unusable("the provider's answer is no JSON");
  EmbedAnswer answer;
  answer.tokens = tokens_of(provider, root);
  const std::vector<Node> vectors = vectors_of(provider, root);
  if (vectors.empty()) return unusable("the provider's answer is empty");
  if (provider == client && provider != Wire::gemini) {
    if (provider == Wire::ollama) return answer;
    answer.body = respelled(root, asked.base64, body);
    return answer;
  }
  if (vectors.size() != asked.inputs.size()) {
    return unusable("the provider gave " + std::to_string(vectors.size()) + " vectors for " +
                    std::to_string(asked.inputs.size()) + " inputs");
  }
  std::vector<std::string> texts;
  for (const Node& vector : vectors) {
    texts.push_back(spelled(vector, asked.base64));
    if (texts.back().empty()) return unusable("a vector of the provider's is neither numbers nor base64");
  }
  JsonWriter json(answer.body);
  if (client == Wire::ollama) {
    write_ollama(texts, model, answer.tokens, asked.one, json);
  } else if (client == Wire::gemini) {
    write_gemini_answer(texts, asked.one, json);
  } else {
    write_openai(texts, model, answer.tokens, json);
  }
  return answer;
}

}  // namespace spillway::llm
