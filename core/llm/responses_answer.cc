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
    json.member("name"sv, name.substr(tool.space.size() + 2)).member("namespace"sv, tool.space);
    return;
  }
  json.member("name"sv, name);
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

std::string response_item_id(Part::Kind kind, std::string_view answer, const Asked& asked, int number) {
  std::string id = kind == Part::Kind::thinking ? "rs_" : kind == Part::Kind::tool_use ? "fc_" : "msg_";
  return id.append(opaque(std::string(answer).append(1, '\0').append(asked.fallback_id))) + "_" +
         std::to_string(number);
}

void write_response_item(const Part& part, const Asked& asked, std::string_view id, bool done, JsonWriter& json) {
  const std::string_view status = done ? "completed" : "in_progress";
  switch (part.kind) {
    case Part::Kind::thinking:
      json.open('{').member("type"sv, "reasoning").member("id"sv, id).key("summary"sv).open('[');
      if (done) json.open('{').member("type"sv, "summary_text").member("text"sv, part.text).close('}');
      json.close(']').key("encrypted_content"sv).null();
      break;
    case Part::Kind::tool_use:
      json.open('{').member("type"sv, "function_call").member("id"sv, id).member("call_id"sv, part.id);
      write_name(part.name, asked, json);
      json.member("arguments"sv, part.text).member("status"sv, status);
      break;
    default:
      json.open('{')
          .member("type"sv, "message")
          .member("id"sv, id)
          .member("status"sv, status)
          .member("role"sv, "assistant");
      json.key("content"sv).open('[');
      if (done && part.kind == Part::Kind::refusal) {
        json.open('{').member("type"sv, "refusal").member("refusal"sv, part.text).close('}');
      } else if (done) {
        json.open('{')
            .member("type"sv, "output_text")
            .member("text"sv, part.text)
            .key("annotations"sv)
            .open('[')
            .close(']');
        json.key("logprobs"sv).open('[').close(']').close('}');
      }
      json.close(']');
  }
  json.close('}');
}

void write_response(const ResponseState& state, JsonWriter& json) {
  json.open('{').member("id"sv, state.id).member("object"sv, "response").member("created_at"sv, state.created);
  json.member("status"sv, state.status).key("error"sv);
  if (state.error_message.empty()) {
    json.null();
  } else {
    json.open('{').member("code"sv, state.error_code).member("message"sv, state.error_message).close('}');
  }
  json.key("incomplete_details"sv);
  if (state.reason.empty()) {
    json.null();
  } else {
    json.open('{').member("reason"sv, state.reason).close('}');
  }
  json.key("instructions"sv).null().key("max_output_tokens"sv).null().member("model"sv, state.model);
  json.key("output"sv).open('[');
  if (!state.output.empty()) json.raw(state.output);
  json.close(']').member("parallel_tool_calls"sv, true).key("previous_response_id"sv).null();
  json.key("reasoning"sv).raw(R"({"effort":null,"summary":null})").member("store"sv, false).member("temperature"sv, 1);
  json.key("text"sv).raw(R"({"format":{"type":"text"}})").member("tool_choice"sv, "auto").key("tools"sv).raw("[]");
  json.member("top_p"sv, 1).member("truncation"sv, "disabled").key("usage"sv);
  if (state.tokens == nullptr) {
    json.null();
  } else {
    write_tokens(Wire::openai_responses, *state.tokens, json);
  }
  json.key("metadata"sv).raw("{}").close('}');
}

void write_responses_answer(const ChatAnswer& answer, const Asked& asked, JsonWriter& json) {
  const std::string id = answer_id("resp_", answer.id, asked);
  std::string output;
  JsonWriter items(output);
  int number = 0;
  for (const Part& part : answer.parts) {
    if (part.kind == Part::Kind::thinking && (!asked.show_thinking || part.text.empty())) continue;
    write_response_item(part, asked, response_item_id(part.kind, id, asked, number++), true, items);
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
