#include "llm/codec.h"

#include <algorithm>

#include <utility>

#include "llm/codecs.h"

namespace spillway::llm {

namespace {

constexpr std::string_view kComment = ": keep-alive\n\n", kPing = "event: ping\ndata: {\"type\":\"ping\"}\n\n";

constexpr Codec kCodecs[kWires] = {
    {"openai", Framing::events, kComment, read_openai_request, write_openai_request, read_openai_answer,
     write_openai_answer, openai_reader, openai_writer},
    {"completions", Framing::events, kComment, read_completions_request, nullptr, nullptr, write_completions_answer,
     nullptr, completions_writer},
    {"openai-responses", Framing::events, kComment, read_responses_request, write_responses_request,
     read_responses_answer, write_responses_answer, responses_reader, responses_writer},
    {"anthropic", Framing::events, kPing, read_anthropic_request, write_anthropic_request, read_anthropic_answer,
     write_anthropic_answer, anthropic_reader, anthropic_writer},
    {"gemini",
     Framing::events,
     {},
     read_gemini_request,
     write_gemini_request,
     read_gemini_answer,
     write_gemini_answer,
     gemini_reader,
     gemini_writer},
    {"ollama",
     Framing::lines,
     {},
     read_ollama_request,
     write_ollama_request,
     read_ollama_answer,
     write_ollama_answer,
     ollama_reader,
     ollama_writer},
    {"cohere", Framing::events, {}, nullptr, write_cohere_request, read_cohere_answer, nullptr, cohere_reader, nullptr},
};

Error invalid(std::string detail, Source source) {
  return Error{Kind::invalid, source, source == Source::client ? Retry::no : Retry::yes, std::move(detail)};
}

// "error" of OpenAI, Gemini and Ollama; Anthropic and Cohere say it at the top.
std::string error_in(const Node& root) {
  const Node error = root["error"];
  if (error.is(JsonType::string)) return error.string();
  if (!error.is(JsonType::object)) return {};
  const std::string message = error["message"].string();
  return message.empty() ? "the provider reports an error" : message;
}

}  // namespace

const Codec& codec_of(Wire wire) { return kCodecs[static_cast<std::size_t>(wire)]; }

Result<ChatRequest> read_request(Wire wire, JsonScanner& scanner, std::string_view body, std::size_t room,
                                 Refusal& why) {
  const Codec& codec = codec_of(wire);
  ChatRequest request;
  request.from = wire;
  if (codec.read_request == nullptr) {
    why = {"requests of this kind cannot be translated", {}, {}};
    return invalid(why.message, Source::client);
  }
  if (const Status valid = scanner.validate(body, room); !valid) {
    why = {"the body is not valid JSON: " + valid.error().detail, {}, {}};
    return invalid(why.message, Source::client);
  }
  JsonSteps root = scanner.root();
  if (!root.next() || root.type() != JsonType::object) {
    why = {"the body must be a JSON object", {}, {}};
  } else if (codec.read_request(Node(root), request, why)) {
    return request;
  }
  return invalid(why.message, Source::client);
}

Result<ChatAnswer> read_answer(Wire wire, JsonScanner& scanner, std::string_view body, std::size_t room) {
  const Codec& codec = codec_of(wire);
  if (codec.read_answer == nullptr) return invalid("answers of this kind cannot be translated", Source::us);
  const Node root = read_node(scanner, body, room);
  if (!root.is(JsonType::object)) return invalid("the answer is not a JSON object", Source::upstream);
  ChatAnswer answer;
  answer.error = error_in(root);
  if (answer.error.empty()) codec.read_answer(root, answer);
  if (!answer.error.empty()) return invalid(answer.error, Source::upstream);
  if (answer.finish == Finish::error) return invalid("the provider ended its answer with an error", Source::upstream);
  bool calls = false;
  for (Part& part : answer.parts) {
    if (part.kind != Part::Kind::tool_use) continue;
    if (part.id.empty()) part.id = "call_" + answer.id + "_" + std::to_string(&part - answer.parts.data());
    calls = true;
  }
  if (answer.finish == Finish::none) answer.finish = Finish::stop;
  if (answer.finish == Finish::stop && calls) answer.finish = Finish::tool_calls;
  return answer;
}

std::string write_request(Wire wire, const ChatRequest& request, const Spelling& spelling) {
  std::string out;
  JsonWriter json(out);
  codec_of(wire).write_request(request, spelling, json);
  return out;
}

std::string write_answer(Wire wire, const ChatAnswer& answer, const Asked& asked) {
  std::string out;
  JsonWriter json(out);
  if (!asked.one_call) {
    codec_of(wire).write_answer(answer, asked, json);
    return out;
  }
  ChatAnswer shorter = answer;
  bool called = false;
  std::erase_if(shorter.parts,
                [&](const Part& part) { return part.kind == Part::Kind::tool_use && std::exchange(called, true); });
  codec_of(wire).write_answer(shorter, asked, json);
  return out;
}

Asked asked_of(const ChatRequest& request, std::string_view fallback_id, std::int64_t created) {
  Asked asked;
  asked.model = request.model;
  asked.fallback_id = fallback_id;
  asked.created = created;
  asked.include_usage = request.include_usage;
  asked.show_thinking = request.show_thinking;
  asked.one_call = request.parallel_tool_calls == false;
  asked.prompt = request.prompt;
  for (const Tool& tool : request.tools) {
    if (!tool.space.empty()) asked.spaced_tools.push_back(tool);
  }
  return asked;
}

}  // namespace spillway::llm
