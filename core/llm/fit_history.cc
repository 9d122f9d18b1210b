#include "llm/fit_history.h"

#include <algorithm>

#include "base/hash.h"
#include "llm/parts.h"

namespace spillway::llm {

namespace {

using Kinds = std::uint32_t;
constexpr Kinds bit(Part::Kind kind) { return Kinds{1} << static_cast<unsigned>(kind); }

// What a wire has no form for.
constexpr Kinds kWireRefuses[kWires] = {
    0,
    bit(Part::Kind::image) | bit(Part::Kind::audio) | bit(Part::Kind::file),
    bit(Part::Kind::audio),
    bit(Part::Kind::audio),
    0,
    bit(Part::Kind::audio) | bit(Part::Kind::file),
    bit(Part::Kind::audio) | bit(Part::Kind::file),
};

std::string_view word(Part::Kind kind) {
  if (kind == Part::Kind::image) return "an image";
  return kind == Part::Kind::audio ? "audio" : "a file";
}

bool refuse(Refusal& why, std::string message) {
  why = {std::move(message), "messages", "unsupported_content"};
  return false;
}

bool fit_parts(const std::vector<Part>& parts, const Target& target, Refusal& why) {
  for (const Part& part : parts) {
    if ((kWireRefuses[static_cast<std::size_t>(target.wire)] & bit(part.kind)) != 0) {
      return refuse(why, "the messages hold " + std::string(word(part.kind)) +
                             ", which the chosen model's provider does not take");
    }
    const bool by_url = part.kind == Part::Kind::image && !part.url.empty();
    if (by_url && (!target.image_urls || target.wire == Wire::ollama)) {
      return refuse(why, "an image is given by URL; the chosen model's provider takes data URLs only");
    }
    if (!fit_parts(part.inside, target, why)) return false;
  }
  return true;
}

bool plain(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// Off the route that made it thinking means nothing, and a signature less: providers refuse those of others.
void strip(Message& message, const Target& target) {
  const bool anthropic = target.wire == Wire::anthropic;
  std::erase_if(message.parts, [&](const Part& part) {
    if (part.kind == Part::Kind::thinking) return !target.same_route;
    return !anthropic && message.role == Role::system && is_billing_line(part.text);
  });
  for (Part& part : message.parts) {
    if (!target.same_route) part.signature.clear();
    if (!anthropic) part.cache.clear();
  }
}

void fit_calls(Message& message, const Target& target, JsonScanner& scanner) {
  const ToolIds rule =
      target.wire == Wire::anthropic && target.tool_ids == ToolIds::any ? ToolIds::plain : target.tool_ids;
  for (Part& part : message.parts) {
    if (part.kind == Part::Kind::tool_use || part.kind == Part::Kind::tool_result) part.id = fit_tool_id(part.id, rule);
    if (part.kind != Part::Kind::tool_use) continue;
    if (!read_node(scanner, part.text, part.text.size()).is(JsonType::object)) part.text = "{}";
    if (target.wire == Wire::gemini && part.signature.empty()) part.signature = kLostThoughtSignature;
  }
}

// One system message in front; then user and assistant in turn, the user first, what tools said as the user's words.
void alternate(std::vector<Message>& messages) {
  std::vector<Message> out;
  Message system;
  system.role = Role::system;
  for (Message& message : messages) {
    std::vector<Part> parts;
    for (Part& part : message.parts) {
      if (part.kind == Part::Kind::tool_result) {
        std::move(part.inside.begin(), part.inside.end(), std::back_inserter(parts));
      } else if (part.kind != Part::Kind::tool_use) {
        parts.push_back(std::move(part));
      }
    }
    if (parts.empty()) continue;
    const bool assistant = message.role == Role::assistant;
    if (assistant && out.empty()) speak(out, Role::user).parts.push_back(text_part("..."));
    Message& into = message.role == Role::system ? system : speak(out, assistant ? Role::assistant : Role::user);
    if (!into.parts.empty() && into.parts.back().kind == Part::Kind::text) into.parts.back().text += "\n\n";
    std::move(parts.begin(), parts.end(), std::back_inserter(into.parts));
  }
  if (!system.parts.empty()) out.insert(out.begin(), std::move(system));
  for (Message& message : out) {  // words of several turns are one text
    for (std::size_t i = 1; i < message.parts.size();) {
      Part &before = message.parts[i - 1], &part = message.parts[i];
      if (before.kind != Part::Kind::text || part.kind != Part::Kind::text) {
        ++i;
        continue;
      }
      before.text += part.text;
      message.parts.erase(message.parts.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  messages = std::move(out);
}

}  // namespace

bool is_billing_line(std::string_view text) { return text.starts_with("x-anthropic-billing-header:"); }

std::string fit_tool_id(std::string_view id, ToolIds rule) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::size_t kNine = 9;
  const auto fits = [&](char c) { return plain(c) || (rule == ToolIds::plain && (c == '_' || c == '-')); };
  const bool good = !id.empty() && std::all_of(id.begin(), id.end(), fits);
  if (rule == ToolIds::any || (good && (rule == ToolIds::plain || id.size() == kNine))) return std::string(id);
  std::uint64_t hash = hash64(id);
  std::string made;
  if (rule == ToolIds::plain) {
    for (const char c : id) made += fits(c) ? c : '_';
    made += '_';
  }
  for (std::size_t i = 0; i < kNine; ++i, hash /= kDigits.size()) made += kDigits[hash % kDigits.size()];
  return made;
}

bool fit_content(const ChatRequest& request, const Target& target, Refusal& why) {
  for (const Message& message : request.messages) {
    if (!fit_parts(message.parts, target, why)) return false;
  }
  return true;
}

void fit_history(ChatRequest& request, const Target& target, JsonScanner& scanner) {
  for (Message& message : request.messages) {
    strip(message, target);
    fit_calls(message, target, scanner);
    const bool documents = target.spelling.anthropic_version == "2026-10-21" && message.role == Role::assistant;
    if (documents) std::erase_if(message.parts, [](const Part& part) { return part.kind == Part::Kind::file; });
  }
  std::erase_if(request.messages, [](const Message& message) { return message.parts.empty(); });
  if (target.wire != Wire::anthropic) {
    for (Tool& tool : request.tools) tool.cache.clear();
  }
  if (target.alternates) alternate(request.messages);
}

}  // namespace spillway::llm
