#include "cli/mock_ask.h"

#include <algorithm>
#include <charconv>

#include "cli/mock_json.h"
#include "http/url.h"
#include "llm/dialect.h"
#include "llm/operation.h"

namespace spillway {

using llm::Part;
using llm::Wire;

namespace {
constexpr std::string_view kReasoning = "reasoning";
}  // namespace

MockNumbers mock_numbers(std::string_view name, MockNumbers found) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < name.size() && at < 2; ++i) {
    if (name[i] < '0' || name[i] > '9' || (i > 0 && name[i - 1] != '-')) continue;
    std::from_chars(name.data() + i, name.data() + name.size(), at++ == 0 ? found.first : found.second);
  }
  return found;
}

bool MockAsk::plain() const {
  if (wire == Wire::openai_completions) return true;
  return wire == Wire::openai_chat && json.empty() && behaviour != kReasoning && !behaviour.starts_with("tools-");
}

std::size_t MockAsk::calls() const {
  constexpr std::uint32_t kCallsMax = 64;
  if (tools.empty()) return 0;
  if (asked.one_call || !behaviour.starts_with("tools-")) return 1;
  return std::clamp(mock_numbers(behaviour, {1, 0}).first, 1u, kCallsMax);
}

namespace {

struct Row {
  std::string_view path;
  MockPlace::What what;
  Wire wire;
  Api api = Api::chat;
};
using What = MockPlace::What;
constexpr Row kRows[] = {
    {"/api/chat", What::ask, Wire::ollama},         {"/api/generate", What::ask, Wire::ollama},
    {"/api/tags", What::models, Wire::ollama},      {"/api/version", What::version, Wire::ollama},
    {"/v2/chat", What::ask, Wire::cohere},          {"/v2/models", What::models, Wire::cohere},
    {"/v1beta/models", What::models, Wire::gemini}, {"/v2/embed", What::ask, Wire::cohere, Api::embeddings},
};

// "/v1beta/models/MODEL:generateContent"
MockPlace gemini_place(std::string_view below) {
  MockPlace place{What::nothing, Wire::gemini, Api::chat, false, false, {}};
  const std::size_t colon = below.rfind(':');
  if (colon == below.npos) return place;
  const std::string_view verb = below.substr(colon + 1);
  place.model = below.substr(0, colon);
  place.stream = verb == "streamGenerateContent";
  if (place.stream || verb == "generateContent") place.what = What::ask;
  if (verb == "countTokens") place.what = What::count;
  return place;
}

MockPlace own_place(std::string_view path) {
  constexpr std::string_view kGemini = "/v1beta/models/";
  if (path.starts_with(kGemini)) return gemini_place(path.substr(kGemini.size()));
  for (const Row& row : kRows) {
    if (row.path == path) return {row.what, row.wire, row.api, false, false, {}};
  }
  return {};
}

}  // namespace

MockPlace mock_place(std::string_view path) {
  if (!path.starts_with("/v1/")) return own_place(path);
  const Operation operation = operation_of(path);
  if (!operation.ok) return {};
  MockPlace place;
  place.what = What::ask;
  place.passed = operation.api == Api::other;
  place.api = place.passed ? Api::chat : operation.api;
  place.wire = wire_of(place.api).value_or(Wire::openai_chat);
  if (operation.api == Api::models) place.what = What::models;
  if (operation.below == "/key") place.what = What::key;
  if (operation.below == "/messages/count_tokens") place = {What::count, Wire::anthropic, Api::chat, false, false, {}};
  return place;
}

namespace {

// What stands between a path ("vendor/") and a variant (":free").
std::string behaviour_of(std::string_view model) {
  if (const std::size_t slash = model.rfind('/'); slash != model.npos) model.remove_prefix(slash + 1);
  return std::string(model.substr(0, model.find(':')));
}

std::string seen_of(const MockExtras& extras) {
  std::string out;
  const auto add = [&out](std::string_view what) { out.append(out.empty() ? " (" : "; ").append(what); };
  if (extras.urls > 0) add("images: " + std::to_string(extras.urls) + " url");
  if (extras.urls > 0 && extras.data > 0) {
    out.append(", ").append(std::to_string(extras.data)).append(" data");
  } else if (extras.data > 0) {
    add("images: " + std::to_string(extras.data) + " data");
  }
  if (extras.files > 0) add("files: " + std::to_string(extras.files));
  if (extras.signatures > 0) add("signatures: " + std::to_string(extras.signatures));
  if (extras.thinking) add("thinking asked for");
  return out.empty() ? out : out + ")";
}

std::string words_of(const JsonValue& content, MockExtras& extras) {
  if (content.is(JsonType::string)) return std::string(content.string());
  std::string text;
  for (const JsonValue& part : content.items) {
    const JsonValue& image = part["image_url"];
    text += part["text"].string();
    if (part["file"].is(JsonType::object)) ++extras.files;
    if (image.type == JsonType::null) continue;
    const std::string_view url = image.is(JsonType::string) ? image.string() : image["url"].string();
    ++(url.starts_with("data:") ? extras.data : extras.urls);
  }
  return text;
}

void offer(const JsonValue& tools, MockAsk& ask) {
  for (const JsonValue& tool : tools.items) ask.tools.emplace_back(tool["function"]["name"].string());
  if (!ask.tools.empty()) ask.tool = ask.tools[0];
}

// Of both: how many vectors, and in which spelling.
void read_embed(const JsonValue& body, MockAsk& ask) {
  const JsonValue& types = body["embedding_types"];
  ask.base64 = body["encoding_format"].string() == "base64" || types.at(0).string() == "base64";
  for (const std::string_view name : {"input", "texts"}) {
    if (body[name].is(JsonType::array)) ask.inputs = std::max<std::size_t>(1, body[name].items.size());
  }
  if (ask.wire == Wire::cohere && !body["input_type"].is(JsonType::string)) {
    ask.refused = "invalid request: valid input_type must be provided with the provided model";
  }
}

// OpenAI's chat, completions and embeddings, and Cohere's chat and embed.
bool read_named(const MockPlace& place, std::string_view text, MockAsk& ask) {
  const Result<JsonValue> body = parse_json(text);
  if (!body || !body->is(JsonType::object)) return false;
  ask.model = (*body)["model"].string();
  ask.stream = (*body)["stream"].boolean(false);
  ask.usage = (*body)["stream_options"]["include_usage"].boolean(false) || place.wire == Wire::cohere;
  if (ask.api == Api::embeddings) read_embed(*body, ask);
  if (!ask.refused.empty()) return false;
  ask.last = (*body)["prompt"].string();
  ask.asked.one_call = !(*body)["parallel_tool_calls"].boolean(true);
  MockExtras extras;
  bool answered = false;
  for (const JsonValue& message : (*body)["messages"].items) {
    if (message["role"].string() == "user") ask.last = words_of(message["content"], extras);
    answered = answered || message["role"].string() == "tool";
  }
  ask.behaviour = behaviour_of(ask.model);
  extras.thinking = ask.behaviour == kReasoning && ((*body)["reasoning_effort"].is(JsonType::string) ||
                                                    (*body)["thinking"]["type"].string() == "enabled");
  ask.seen = seen_of(extras);
  if (!answered && (*body)["tool_choice"].string() != "NONE") offer((*body)["tools"], ask);
  if (ask.behaviour == "json") {
    const JsonValue& schema = (*body)["response_format"]["json_schema"];
    ask.json = mock_json_like(place.wire == Wire::cohere ? schema : schema["schema"]);
  }
  return true;
}

void hear(const std::vector<Part>& parts, MockAsk& ask, MockExtras& extras) {
  for (const Part& part : parts) {
    if (part.kind == Part::Kind::text) ask.last += part.text;
    // Gemini need not be told what is behind a URL.
    const bool untold = part.kind == Part::Kind::file && part.media.empty() && !part.url.empty();
    if (part.kind == Part::Kind::file && !untold) ++extras.files;
    if (part.kind == Part::Kind::image || untold) ++(part.url.empty() ? extras.data : extras.urls);
  }
}

void take(const llm::ChatRequest& request, MockAsk& ask) {
  using Choice = llm::ToolChoice::Kind;
  MockExtras extras;
  bool answered = false;
  for (const llm::Message& message : request.messages) {
    for (const Part& part : message.parts) {
      answered = answered || part.kind == Part::Kind::tool_result;
      if (part.signature == kMockSignature) ++extras.signatures;
    }
    if (message.role != llm::Role::user) continue;
    ask.last.clear();
    hear(message.parts, ask, extras);
  }
  extras.thinking =
      ask.behaviour == kReasoning &&
      (request.thinking_budget > 0 || (request.effort != llm::Effort::unset && request.effort != llm::Effort::none));
  ask.seen = seen_of(extras);
  ask.stream = request.stream;
  ask.usage = true;
  if (request.tool_choice.kind == Choice::named) {
    ask.tools = {request.tool_choice.name};
  } else if (request.tool_choice.kind != Choice::none) {
    for (const llm::Tool& tool : request.tools) ask.tools.push_back(tool.name);
  }
  if (answered) ask.tools.clear();
  if (!ask.tools.empty()) ask.tool = ask.tools[0];
  ask.asked = llm::asked_of(request, {}, 0);
  if (ask.behaviour != "json") return;
  const Result<JsonValue> schema = parse_json(request.format.schema);
  ask.json = mock_json_like(schema ? *schema : JsonValue{});
}

bool read_wire(const MockPlace& place, std::string_view body, JsonScanner& scanner, MockAsk& ask) {
  llm::Refusal why;
  Result<llm::ChatRequest> request = llm::read_request(place.wire, scanner, body, body.size(), why);
  if (!request) {
    ask.refused = why.message.empty() ? request.error().detail : why.message;
    return false;
  }
  if (place.wire == Wire::gemini) {
    const Result<std::string> model = percent_decode(place.model);
    if (model) request->model = *model;
    request->stream = place.stream;
  }
  ask.model = request->model;
  ask.behaviour = behaviour_of(ask.model);
  take(*request, ask);
  return true;
}

}  // namespace

bool mock_read(const MockPlace& place, std::string_view body, JsonScanner& scanner, MockAsk& ask) {
  ask.api = place.api;
  ask.wire = place.wire;
  const bool named =
      place.wire == Wire::openai_chat || place.wire == Wire::openai_completions || place.wire == Wire::cohere;
  if (!(named ? read_named(place, body, ask) : read_wire(place, body, scanner, ask))) return false;
  ask.prompt_tokens = static_cast<std::int64_t>(body.size() / 4);
  ask.asked.model = ask.model;
  ask.asked.include_usage = ask.usage;
  return !ask.behaviour.empty();
}

}  // namespace spillway
