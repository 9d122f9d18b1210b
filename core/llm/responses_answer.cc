// OpenAI's Responses answers, read and written.
#include "llm/codecs.h"
#include "llm/parts.h"
#include "llm/terms.h"

namespace spillway::llm {

namespace {

void add(std::vector<Part>& parts, Part::Kind kind, std::string text) {
  if (text.empty()) return;
  parts.push_back(text_part(std::move(text)));
  parts.back().kind = kind;
}

void read_item(const Node& item, ChatAnswer& out) {
  const Node type = item["type"];
  if (type.equals("message")) {
    for (const Node part : item["content"]) {
      add(out.parts, Part::Kind::text, part["text"].string());
      add(out.parts, Part::Kind::refusal, part["refusal"].string());
    }
  } else if (type.equals("reasoning")) {
    std::string text;
    for (const char* const list : {"summary", "content"}) {
      for (const Node part : item[list]) {
        if (!text.empty()) text += "\n\n";
        text += part["text"].string();
      }
    }
    add(out.parts, Part::Kind::thinking, std::move(text));
  } else if (type.equals("function_call")) {
    Part part;
    part.kind = Part::Kind::tool_use;
    item.read("call_id", part.id);
    item.read("name", part.name);
    item.read("arguments", part.text);
    if (part.text.empty()) part.text = "{}";
    out.parts.push_back(std::move(part));
  }
}

// Two members or one: the name as it was before its namespace was put in front.
void write_name(std::string_view name, const Asked& asked, JsonWriter& json) {
  for (const Tool& tool : asked.spaced_tools) {
    if (tool.name != name) continue;
    json.member("name", name.substr(tool.space.size() + 2)).member("namespace", tool.space);
    return;
  }
  json.member("name", name);
}

}  // namespace

void read_responses_answer(const Node& root, ChatAnswer& out) {
  root.read("id", out.id);
  root.read("model", out.model);
  out.created = root["created_at"].integer(0);
  if (!root["output"].is(JsonType::array)) {
    out.error = "the answer has no output";
    return;
  }
  for (const Node item : root["output"]) read_item(item, out);
  const Node reason = root["incomplete_details"]["reason"];
  out.finish = finish_of(Wire::openai_responses, (reason.null() ? root["status"] : reason).string());
  read_tokens(Wire::openai_responses, root["usage"], out.tokens);
}

void write_response_item(const Part& part, const Asked& asked, std::string_view id, bool done, JsonWriter& json) {
  const std::string_view status = done ? "completed" : "in_progress";
  switch (part.kind) {
    case Part::Kind::thinking:
      json.open('{').member("type", "reasoning").member("id", id).key("summary").open('[');
      if (done) json.open('{').member("type", "summary_text").member("text", part.text).close('}');
      json.close(']').key("encrypted_content").null();
      break;
    case Part::Kind::tool_use:
      json.open('{').member("type", "function_call").member("id", id).member("call_id", part.id);
      write_name(part.name, asked, json);
      json.member("arguments", part.text).member("status", status);
      break;
    default:
      json.open('{').member("type", "message").member("id", id).member("status", status).member("role", "assistant");
      json.key("content").open('[');
      if (done && part.kind == Part::Kind::refusal) {
        json.open('{').member("type", "refusal").member("refusal", part.text).close('}');
      } else if (done) {
        json.open('{').member("type", "output_text").member("text", part.text).key("annotations").open('[').close(']');
        json.key("logprobs").open('[').close(']').close('}');
      }
      json.close(']');
  }
  json.close('}');
}

void write_response(const ResponseState& state, JsonWriter& json) {
  json.open('{').member("id", state.id).member("object", "response").member("created_at", state.created);
  json.member("status", state.status).key("error");
  if (state.error_message.empty()) {
    json.null();
  } else {
    json.open('{').member("code", state.error_code).member("message", state.error_message).close('}');
  }
  json.key("incomplete_details");
  if (state.reason.empty()) {
    json.null();
  } else {
    json.open('{').member("reason", state.reason).close('}');
  }
  json.key("instructions").null().key("max_output_tokens").null().member("model", state.model);
  json.key("output").open('[');
  if (!state.output.empty()) json.raw(state.output);
  json.close(']').member("parallel_tool_calls", true).key("previous_response_id").null();
  json.key("reasoning").raw(R"({"effort":null,"summary":null})").member("store", false).member("temperature", 1);
  json.key("text").raw(R"({"format":{"type":"text"}})").member("tool_choice", "auto").key("tools").raw("[]");
  json.member("top_p", 1).member("truncation", "disabled").key("usage");
  if (state.tokens == nullptr) {
    json.null();
  } else {
    write_tokens(Wire::openai_responses, *state.tokens, json);
  }
  json.key("metadata").raw("{}").close('}');
}

void write_responses_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json) {
  const std::string id = answer_id("resp_", answer.id, asked);
  std::string output;
  JsonWriter items(output);
  int number = 0;
  for (const Part& part : answer.parts) {
    if (part.kind == Part::Kind::thinking && (!asked.show_thinking || part.text.empty())) continue;
    write_response_item(part, asked, id + "_" + std::to_string(number++), true, items);
  }
  ResponseState state;
  state.id = id;
  state.model = asked.model.empty() ? answer.model : asked.model;
  state.created = answer.created > 0 ? answer.created : asked.created;
  state.output = output;
  state.tokens = &answer.tokens;
  state.reason = incomplete_reason(answer.finish);
  state.status = state.reason.empty() ? "completed" : "incomplete";
  write_response(state, json);
}

std::string_view incomplete_reason(Finish finish) {
  const bool incomplete = finish == Finish::length || finish == Finish::content_filter;
  return incomplete ? finish_word(Wire::openai_responses, finish) : std::string_view();
}

}  // namespace spillway::llm
