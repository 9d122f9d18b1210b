#include "llm/fit.h"

#include <algorithm>

#include "llm/fit_history.h"
#include "llm/parts.h"

namespace spillway::llm {

namespace {

// What each wire has no word for.
constexpr Lacks kWireLacks[kWires] = {
    0,                                                                 // openai_chat
    kLacksTools | kLacksFormat | kLacksEffort | kLacksTopK,            // openai_completions
    kLacksTopK | kLacksPenalties | kLacksSeed | kLacksStop | kLacksN,  // openai_responses
    kLacksPenalties | kLacksSeed | kLacksN,                            // anthropic
    kLacksUser | kLacksN,                                              // gemini
    kLacksUser | kLacksForcedTools | kLacksN,                          // ollama
    kLacksUser | kLacksN,                                              // cohere
};

struct Row {
  Lacks bit;
  std::string_view name;
  bool (*given)(const ChatRequest&);
  void (*drop)(ChatRequest&);
  bool quiet = false;   // drops nothing the answer depends on: never refused
  bool always = false;  // cannot be dropped: the client would get something else than it asked for
};

bool forced(const ChatRequest& request) {
  return request.tool_choice.kind == ToolChoice::Kind::required || request.tool_choice.kind == ToolChoice::Kind::named;
}
bool thinks(const ChatRequest& request) {
  return (request.effort != Effort::unset && request.effort != Effort::none) || request.thinking_budget > 0;
}
void drop_thinking(ChatRequest& request) {
  request.effort = Effort::unset;
  request.thinking_budget = -1;
}

constexpr Row kRows[] = {
    {kLacksTemperature, "temperature", [](const ChatRequest& r) { return r.temperature.has_value(); },
     [](ChatRequest& r) { r.temperature.reset(); }},
    {kLacksTopP, "top_p", [](const ChatRequest& r) { return r.top_p.has_value(); },
     [](ChatRequest& r) { r.top_p.reset(); }},
    {kLacksTopK, "top_k", [](const ChatRequest& r) { return r.top_k >= 0; }, [](ChatRequest& r) { r.top_k = -1; }},
    {kLacksPenalties, "presence_penalty", [](const ChatRequest& r) { return r.presence_penalty.has_value(); },
     [](ChatRequest& r) { r.presence_penalty.reset(); }},
    {kLacksPenalties, "frequency_penalty", [](const ChatRequest& r) { return r.frequency_penalty.has_value(); },
     [](ChatRequest& r) { r.frequency_penalty.reset(); }},
    {kLacksSeed, "seed", [](const ChatRequest& r) { return r.seed >= 0; }, [](ChatRequest& r) { r.seed = -1; }},
    {kLacksStop, "stop", [](const ChatRequest& r) { return !r.stops.empty(); },
     [](ChatRequest& r) { r.stops.clear(); }},
    {kLacksUser, "user", [](const ChatRequest& r) { return !r.user.empty(); }, [](ChatRequest& r) { r.user.clear(); },
     true},
    {kLacksTools, "tools", [](const ChatRequest& r) { return !r.tools.empty(); },
     [](ChatRequest& r) {
       r.tools.clear();
       r.tool_choice = {};
     }},
    {kLacksFormat, "response_format", [](const ChatRequest& r) { return r.format.kind != ResponseFormat::Kind::text; },
     [](ChatRequest& r) { r.format = {}; }},
    {kLacksEffort, "reasoning_effort",
     [](const ChatRequest& r) { return r.effort != Effort::unset || r.thinking_budget >= 0; }, drop_thinking},
    {kLacksN, "n", [](const ChatRequest& r) { return r.n > 1; }, [](ChatRequest& r) { r.n = 1; }, false, true},
};

bool refuse(Refusal& why, std::string_view param, std::string_view rest) {
  why = {std::string("'").append(param).append("' ").append(rest), std::string(param), "unsupported_parameter"};
  return false;
}

bool drop_or_refuse(const Target& target, std::string_view name, Fitted& fitted, Refusal& why) {
  if (!target.drop_params) return refuse(why, name, "is not supported by the chosen model's provider");
  fitted.dropped.emplace_back(name);
  return true;
}

bool fit_parameters(ChatRequest& request, const Target& target, Fitted& fitted, Refusal& why) {
  Lacks lacks = target.lacks | kWireLacks[static_cast<std::size_t>(target.wire)];
  if (target.wire == Wire::anthropic && target.spelling.anthropic_version == "2026-10-21") lacks |= kLacksSampling;
  for (const Row& row : kRows) {
    if ((lacks & row.bit) == 0 || !row.given(request)) continue;
    if (row.always) return refuse(why, row.name, "above 1 is not supported by the chosen model's provider");
    if (!row.quiet && !drop_or_refuse(target, row.name, fitted, why)) return false;
    row.drop(request);
  }
  if ((lacks & kLacksNames) != 0) {
    for (Message& message : request.messages) message.name.clear();
  }
  for (const std::string& name : target.lacks_members) {
    const auto is = [&](const Extra& extra) { return extra.name == name; };
    if (std::none_of(request.extras.begin(), request.extras.end(), is)) continue;
    if (!drop_or_refuse(target, name, fitted, why)) return false;
    std::erase_if(request.extras, is);
  }
  if ((lacks & kLacksForcedTools) == 0 || !forced(request)) return true;
  if (request.tool_choice.kind == ToolChoice::Kind::named) {  // only that tool is shown: nearly the same
    request.tool_choice.allowed = {request.tool_choice.name};
    request.tool_choice.kind = ToolChoice::Kind::automatic;
    return true;
  }
  if (!drop_or_refuse(target, "tool_choice", fitted, why)) return false;
  request.tool_choice.kind = ToolChoice::Kind::unset;
  return true;
}

void clamp(std::optional<double>& value, double least, double most) {
  if (value) value = std::clamp(*value, least, most);
}

bool fit_ranges(ChatRequest& request, const Target& target, Fitted& fitted, Refusal& why) {
  const bool google = target.wire == Wire::gemini, cohere = target.wire == Wire::cohere;
  if (target.wire == Wire::anthropic || cohere) clamp(request.temperature, 0, 1);
  if (cohere) clamp(request.top_p, 0.01, 0.99);
  constexpr std::size_t kStopsMax = 5;
  if ((google || cohere) && request.stops.size() > kStopsMax) {
    if (!drop_or_refuse(target, "stop", fitted, why)) return false;
    request.stops.resize(kStopsMax);
  }
  if (target.wire == Wire::anthropic && request.max_tokens < 0) request.max_tokens = target.max_output;
  return true;
}

// Tools that may not be called now are not shown, where the wire has no list of the allowed.
void fit_tools(ChatRequest& request, Wire wire) {
  ToolChoice& choice = request.tool_choice;
  const bool lists = wire == Wire::openai_chat || wire == Wire::openai_responses || wire == Wire::gemini;
  if (wire == Wire::ollama && choice.kind == ToolChoice::Kind::none) request.tools.clear();
  if (wire == Wire::cohere && choice.kind == ToolChoice::Kind::named) {
    choice.allowed = {choice.name};
    choice.kind = ToolChoice::Kind::required;
  }
  if (!lists && !choice.allowed.empty()) {
    std::erase_if(request.tools, [&](const Tool& tool) {
      return std::find(choice.allowed.begin(), choice.allowed.end(), tool.name) == choice.allowed.end();
    });
    choice.allowed.clear();
  }
  if (request.tools.empty()) choice = {};
}

// Models with budgets of thinking refuse it beside a forced tool, after a tool call whose thinking is gone, and where
// the answer has no room for it.
void fit_thinking(ChatRequest& request, const Target& target) {
  if (target.wire != Wire::anthropic || !target.spelling.manual_thinking || !thinks(request)) return;
  bool lost = false;
  for (const Message& message : request.messages) {
    if (message.role != Role::assistant || !any(message.parts, Part::Kind::tool_use)) continue;
    lost = std::none_of(message.parts.begin(), message.parts.end(),
                        [](const Part& part) { return part.kind == Part::Kind::thinking && !part.signature.empty(); });
  }
  if (forced(request) || lost || request.max_tokens <= budget_least()) {
    drop_thinking(request);
  } else {
    request.temperature.reset();  // only its default goes with thinking
    request.top_k = -1;
  }
}

// Anthropic has no such mode; its models do as they are told.
void fit_format(ChatRequest& request, Wire wire) {
  if (wire != Wire::anthropic || request.format.kind != ResponseFormat::Kind::json_object) return;
  request.format = {};
  Message system;
  system.role = Role::system;
  system.parts.push_back(text_part("Answer with one valid JSON object and nothing else."));
  request.messages.insert(request.messages.begin(), std::move(system));
}

}  // namespace

bool fit(ChatRequest& request, const Target& target, JsonScanner& scanner, Fitted& fitted, Refusal& why) {
  if (!request.suffix.empty() && !target.fills)
    return refuse(why, "suffix", "needs a provider that fills in the middle");
  if (!fit_content(request, target, why)) return false;
  if (!fit_parameters(request, target, fitted, why) || !fit_ranges(request, target, fitted, why)) return false;
  fit_tools(request, target.wire);
  fit_format(request, target.wire);
  fit_history(request, target, scanner);
  fit_thinking(request, target);
  return true;
}

}  // namespace spillway::llm
