#include "llm/embeddings.h"

#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace spillway::llm {

namespace {

static_assert(std::endian::native == std::endian::little);  // that is how vectors are packed

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) three = three << 8 | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= n ? kLetters[three >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

constexpr std::uint8_t kNoLetter = 0xFF;
constexpr auto kSixBits = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoLetter);
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    table[static_cast<unsigned char>(kLetters[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

// False: it is not base64.
bool from_base64(std::string_view text, std::string& out) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1) return false;
  std::uint32_t bits = 0;
  int held = 0;
  out.reserve(text.size() / 4 * 3 + 2);
  for (const char c : text) {
    const std::uint8_t six = kSixBits[static_cast<unsigned char>(c)];
    if (six == kNoLetter) return false;
    bits = bits << 6 | six;
    if ((held += 6) < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xFF);
  }
  return true;
}

// The shortest text that is this float again.
void append_float(std::string& out, float number) {
  char text[32];
  for (const int digits : {6, 7, 8, 9}) {  // 9 always suffice (IEEE 754)
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(number));
    if (std::strtof(text, nullptr) == number) break;
  }
  out += text;
}

bool finite(float number) { return number - number == 0; }

Error invalid(std::string why) { return {Kind::invalid, Source::upstream, Retry::yes, std::move(why)}; }

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

// The vectors of an answer, in the order of the inputs: by their indices where those are of any use, for some providers
// number all of them 0.
std::vector<Node> vectors_of(Wire provider, const Node& root) {
  std::vector<Node> vectors, placed;
  if (provider == Wire::ollama) {
    for (const Node each : root["embeddings"]) vectors.push_back(each);
    if (root["embedding"].is(JsonType::array)) vectors.push_back(root["embedding"]);
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

Tokens tokens_of(Wire provider, const Node& root) {
  Tokens tokens;
  tokens.input =
      provider == Wire::ollama ? root["prompt_eval_count"].integer(-1) : root["usage"]["prompt_tokens"].integer(-1);
  if (tokens.input >= 0) tokens.output = 0;
  return tokens;
}

}  // namespace

std::string floats_to_base64(const Node& list) {
  std::string bytes;
  for (const Node each : list) {
    const std::optional<double> number = each.real();
    if (!number) return {};
    const auto packed = std::bit_cast<std::array<char, 4>>(static_cast<float>(*number));
    bytes.append(packed.data(), packed.size());
  }
  return bytes.empty() ? bytes : '"' + to_base64(bytes) + '"';
}

std::string base64_to_floats(std::string_view base64) {
  std::string bytes, out = "[";
  if (!from_base64(base64, bytes) || bytes.empty() || bytes.size() % 4 != 0) return {};
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::array<char, 4> packed;
    bytes.copy(packed.data(), 4, at);
    const auto number = std::bit_cast<float>(packed);
    if (!finite(number)) return {};
    if (at > 0) out += ',';
    append_float(out, number);
  }
  return out += ']';
}

bool read_embed_request(Wire wire, const Node& root, EmbedRequest& out, Refusal& why) {
  out.one = wire == Wire::ollama && !root["input"].there();
  out.dimensions = root["dimensions"].integer(-1);
  out.base64 = wire != Wire::ollama && root["encoding_format"].equals("base64");
  if (wire == Wire::ollama) root.read_raw("truncate", out.truncate);
  if (wire != Wire::ollama) root.read_raw("user", out.user);
  return read_inputs(root[out.one ? "prompt" : "input"], out, why);
}

bool write_embed_request(Wire wire, const EmbedRequest& request, std::string_view model, std::string& out,
                         Refusal& why) {
  if (wire == Wire::ollama && request.token_ids) {
    why = {"'input' must be text for the chosen model's provider, which takes no token ids", "input",
           "unsupported_parameter"};
    return false;
  }
  JsonWriter json(out);
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
  if (!root.is(JsonType::object)) return invalid("the provider's answer is no JSON");
  EmbedAnswer answer;
  answer.tokens = tokens_of(provider, root);
  const std::vector<Node> vectors = vectors_of(provider, root);
  if (vectors.empty()) return invalid("the provider's answer is empty");
  if (provider == client) {
    if (provider == Wire::ollama) return answer;
    answer.body = respelled(root, asked.base64, body);
    return answer;
  }
  if (vectors.size() != asked.inputs.size()) {
    return invalid("the provider gave " + std::to_string(vectors.size()) + " vectors for " +
                   std::to_string(asked.inputs.size()) + " inputs");
  }
  std::vector<std::string> texts;
  for (const Node& vector : vectors) {
    texts.push_back(spelled(vector, asked.base64));
    if (texts.back().empty()) return invalid("a vector of the provider's is neither numbers nor base64");
  }
  JsonWriter json(answer.body);
  if (client == Wire::ollama) {
    write_ollama(texts, model, answer.tokens, asked.one, json);
  } else {
    write_openai(texts, model, answer.tokens, json);
  }
  return answer;
}

}  // namespace spillway::llm
