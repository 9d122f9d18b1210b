#include "llm/native_facts.h"

#include <utility>

#include "http/url.h"
#include "json/keys.h"
#include "llm/model_name.h"
#include "llm/node.h"

namespace spillway {

namespace {

using llm::Node;

// The parameters that have a bit (parameters.h), as the two APIs spell them.
struct Spelled {
  std::string_view here, there;
};
constexpr Spelled kOllamaOptions[] = {{"seed", "seed"}, {"stop", "stop"}};
constexpr Spelled kGeminiConfig[] = {{"seed", "seed"},
                                     {"stopSequences", "stop"},
                                     {"responseLogprobs", "logprobs"},
                                     {"logprobs", "top_logprobs"},
                                     {"thinkingConfig", "reasoning"}};

template <std::size_t N>
void read_sampling(const Node& from, const Spelled (&names)[N], std::string_view most, Facts& facts) {
  for (const auto& [here, there] : names) {
    const Node value = from[here];
    if (value.there()) facts.parameters |= parameter_asked(there, value.raw());
  }
  const std::int64_t tokens = from[most].integer(-1);
  facts.max_tokens = tokens < 0 ? -1 : tokens;
  const std::optional<double> temperature = from["temperature"].real();
  facts.has_temperature = temperature.has_value();
  facts.temperature = temperature.value_or(0);
  facts.has_seed = !from["seed"].null();
}

void read_format(const Node& schema, bool plain, Facts& facts) {
  facts.response_format = plain || schema.is(JsonType::object);
  if (schema.is(JsonType::object)) facts.parameters |= kStructuredOutputs;
}

std::size_t bytes_of(const Node& node) {
  if (node.null() || node.equals("")) return 0;
  return node.is(JsonType::array) && !node.first().there() ? 0 : node.raw().size();
}

bool some(const Node& list) { return list.is(JsonType::array) && list.first().there(); }

void read_ollama(const Node& root, Facts& facts) {
  for (const char* const said : {"messages", "prompt", "input", "suffix"}) facts.prompt_bytes += bytes_of(root[said]);
  for (const Node message : root["messages"]) facts.images = facts.images || some(message["images"]);
  facts.images = facts.images || some(root["images"]);
  facts.tools = some(root["tools"]);
  const Node think = root["think"];
  if (think.there()) facts.parameters |= parameter_asked("reasoning", think.raw());
  const Node format = root["format"];
  read_format(format, format.equals("json"), facts);
  read_sampling(root["options"], kOllamaOptions, "num_predict", facts);
}

void read_gemini(const Node& root, Facts& facts) {
  const Node inside = root["generateContentRequest"];  // of countTokens, instead of contents
  const Node from = inside.is(JsonType::object) ? inside : root;
  for (const char* const said : {"contents", "content", "requests"}) facts.prompt_bytes += bytes_of(from[said]);
  for (const Node content : from["contents"]) {
    for (const Node part : content["parts"]) {
      const Node data = part["inlineData"], file = part["fileData"];
      const std::string media = (data.there() ? data : file)["mimeType"].string();
      facts.images = facts.images || media.starts_with("image/");
    }
  }
  facts.tools = some(from["tools"]);
  const Node config = from["generationConfig"];
  const Node schema = config["responseJsonSchema"].there() ? config["responseJsonSchema"] : config["responseSchema"];
  read_format(schema, config["responseMimeType"].equals("application/json"), facts);
  read_sampling(config, kGeminiConfig, "maxOutputTokens", facts);
  const std::int64_t n = config["candidateCount"].integer(1);
  facts.n = n < 1 ? 1 : n;
}

bool wrong(BadRequest& why, std::string message, std::string_view param) {
  why = {std::move(message), std::string(param)};
  return false;
}

bool take_model(std::string name, Facts& facts, BadRequest& why) {
  if (!good_model(name, why)) return false;
  facts.model = std::move(name);
  return true;
}

// The string's place is kept, so that another model's name can be put there. Older clients of /api/show say `name`.
bool read_top(const Operation& operation, JsonSteps root, Facts& facts, BadRequest& why) {
  const bool ollama = operation.wire == llm::Wire::ollama;
  JsonKeys keys;
  std::string room;
  for (JsonSteps member = root.inside(); member.next();) {
    const std::string_view key = keys.keep(member.key_text(room), room);
    if (!ollama) continue;
    if (key == "stream") {
      if (member.type() != JsonType::boolean) return wrong(why, "`stream` must be true or false", "stream");
      facts.stream = member.bytes() == "true";
    }
    const bool old = key == "name" && operation.api == Api::models && facts.model.empty();
    if (key != "model" && !old) continue;
    if (member.type() != JsonType::string) return wrong(why, "`model` must be a string", "model");
    if (!take_model(member.string(), facts, why)) return false;
    facts.model_at = member.value();
  }
  if (keys.twice()) return wrong(why, "a key of the body is there twice", {});
  return facts.model.empty() ? wrong(why, "you must give a `model`", "model") : true;
}

bool complete(const Operation& operation, const Node& root, BadRequest& why) {
  const auto needs = [&](std::string_view name, JsonType type) {
    if (root[name].is(type)) return true;
    return wrong(why, "you must give `" + std::string(name) + (type == JsonType::array ? "`, a list" : "`"), name);
  };
  switch (operation.api) {
    case Api::gemini: return needs("contents", JsonType::array);
    case Api::count_tokens:
      return root["generateContentRequest"].is(JsonType::object) || needs("contents", JsonType::array);
    case Api::ollama: return operation.below == "/api/generate" || needs("messages", JsonType::array);
    case Api::embed:
      if (operation.wire == llm::Wire::gemini) {
        return root["content"].is(JsonType::object) || needs("requests", JsonType::array);
      }
      if (operation.below == "/api/embeddings") return needs("prompt", JsonType::string);
      return root["input"].null() ? wrong(why, "you must give an `input`", "input") : true;
    default: return true;
  }
}

}  // namespace

Result<Facts> inspect_native(JsonScanner& scanner, const Operation& operation, std::string_view body, std::size_t room,
                             BadRequest& why) {
  why = {};
  const Result<JsonSteps> root = root_object(scanner, body, room, why);
  if (!root) return root.error();
  Facts facts;
  facts.api = operation.api;
  facts.json = true;
  facts.include_usage = true;  // both tell it always
  facts.stream = operation.api == Api::ollama || operation.stream;
  if (operation.wire == llm::Wire::gemini) {
    Result<std::string> name = percent_decode(operation.model_id);
    if (!take_model(name ? std::move(*name) : std::string(), facts, why)) return refusal(why);
  }
  if (!read_top(operation, *root, facts, why) || !complete(operation, Node(*root), why)) return refusal(why);
  (operation.wire == llm::Wire::gemini ? read_gemini : read_ollama)(Node(*root), facts);
  if (operation.api != Api::ollama && operation.api != Api::gemini) facts.stream = false;
  facts.prompt_tokens = (facts.prompt_bytes + 3) / 4;
  return facts;
}

}  // namespace spillway
