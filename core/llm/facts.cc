// What a request asks for. See facts.h.
#include "llm/facts.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "http/headers.h"
#include "json/key_table.h"
#include "json/keys.h"
#include "llm/form.h"
#include "llm/media.h"
#include "llm/model_name.h"

namespace spillway {
namespace {

// Requests we only look at: the provider judges them.
bool is_passive(Api api) { return api == Api::other || api == Api::models; }

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool starts_object(std::string_view body) {
  const auto* first = std::find_if_not(body.begin(), body.end(), is_space);
  return first != body.end() && *first == '{';
}

double real_number(std::string_view bytes) { return read_real(bytes).value_or(0); }

bool has_element(const JsonSteps& value) { return value.type() == JsonType::array && value.inside().next(); }

// The members we look at; what each is handled by is in kHandlers below.
constexpr std::size_t kMembers = 17;
constexpr KeyTable<kMembers> kTable(std::array<std::string_view, kMembers>{
    "provider", "model", "messages", "stream", "stream_options", "prompt", "input", "max_tokens",
    "max_completion_tokens", "max_output_tokens", "n", "tools", "functions", "response_format", "temperature", "seed",
    "user"});

// Steps over one request object and fills its Facts. Every handler says whether the member is acceptable.
class Inspection {
 public:
  Inspection(Api api, BadRequest& why) : why_(why), passive_(is_passive(api)) {
    facts_.api = api;
    facts_.json = true;
  }

  bool read(JsonSteps root) {
    JsonKeys keys;
    std::string room;
    for (JsonSteps member = root.inside(); member.next();) {
      const std::string_view key = keys.keep(member.key_text(room), room);
      const std::size_t row = kTable.find(key);
      if (row < kMembers && !(this->*kHandlers[row])(member)) return false;
      facts_.parameters |= parameter_asked(key, member.bytes());
    }
    return no_twice(keys) && complete();
  }

  Facts take() {
    facts_.prompt_tokens = (facts_.prompt_bytes + 3) / 4;
    facts_.max_tokens = max_completion_tokens_ >= 0 ? max_completion_tokens_ : max_tokens_;
    return std::move(facts_);
  }

 private:
  using Handler = bool (Inspection::*)(const JsonSteps&);
  static const Handler kHandlers[kMembers];

  bool refuse(std::string message, std::string_view param) {
    why_ = {std::move(message), std::string(param)};
    return false;
  }

  bool no_twice(JsonKeys& keys) {
    const std::optional<std::string_view> twice = keys.twice();
    if (!twice) return true;
    // A key we know is named; a stranger's may be any text of any length, and is shown short.
    const bool shown = twice->size() <= 64 && !unprintable(*twice);
    return refuse("you gave " + (shown ? "`" + std::string(*twice) + "`" : std::string("a key")) + " twice",
                  shown ? *twice : std::string_view());
  }

  bool complete() {
    if (passive_) return true;
    if (facts_.model_at.len == 0) return refuse("you must give a `model`", "model");
    if (has_turns() && !has_messages_) return refuse("you must give `messages`, an array", "messages");
    const bool needs_input = facts_.api == Api::embeddings || facts_.api == Api::responses;
    if (needs_input && !has_input_) return refuse("you must give an `input`", "input");
    return true;
  }

  bool model(const JsonSteps& value) {
    if (value.type() != JsonType::string) return passive_ || refuse("`model` must be a string", "model");
    std::string name = value.string();
    if (name.empty() && passive_) return true;
    if (!good_model(name, why_)) return false;
    facts_.model = std::move(name);
    facts_.model_at = value.value();
    return true;
  }

  bool stream(const JsonSteps& value) {
    if (value.type() != JsonType::boolean) return passive_ || refuse("`stream` must be true or false", "stream");
    facts_.stream = value.bytes() == "true";
    return true;
  }

  bool stream_options(const JsonSteps& value) {
    if (passive_) return true;
    if (value.type() != JsonType::object && value.type() != JsonType::null) {
      return refuse("`stream_options` must be an object", "stream_options");
    }
    facts_.stream_options_at = value.value();
    for (JsonSteps option = value.inside(); option.next();) {
      if (!option.key_is("include_usage")) continue;
      if (option.type() != JsonType::boolean && option.type() != JsonType::null) {
        return refuse("`stream_options.include_usage` must be true or false", "stream_options");
      }
      facts_.include_usage_at.push_back(option.value());
      facts_.include_usage = option.bytes() == "true";
    }
    return true;
  }

  bool provider(const JsonSteps& value) {
    facts_.provider_at = value.value();
    for (JsonSteps member = value.inside(); member.next();)
      if (member.key_is("data_collection")) facts_.data_collection_at.push_back(member.value());
    return true;
  }

  bool has_turns() const { return facts_.api == Api::chat || facts_.api == Api::messages; }

  bool messages(const JsonSteps& value) {
    if (!has_turns()) return true;
    if (value.type() != JsonType::array) return refuse("`messages` must be an array", "messages");
    has_messages_ = true;
    facts_.prompt_bytes = value.value().len;
    look_at_turns(value);
    return true;
  }

  void look_at_turns(const JsonSteps& turns) {
    for (JsonSteps message = turns.inside(); message.next() && !facts_.images;) {
      for (JsonSteps member = message.inside(); member.next();) {
        if (member.type() == JsonType::array && member.key_is("content")) look_for_images(member);
      }
    }
  }

  void look_for_images(const JsonSteps& content) {
    for (JsonSteps part = content.inside(); part.next();) {
      for (JsonSteps member = part.inside(); member.next();) {
        if (member.type() != JsonType::string || !member.key_is("type")) continue;
        const std::string type = member.string();
        if (type == "image_url" || type == "input_image" || type == "image") facts_.images = true;
      }
    }
  }

  bool prompt(const JsonSteps& value) {
    if (facts_.api == Api::completions) facts_.prompt_bytes = value.value().len;
    return true;
  }

  bool input(const JsonSteps& value) {
    has_input_ = value.type() != JsonType::null;
    if (!has_turns() && facts_.api != Api::completions) facts_.prompt_bytes = value.value().len;
    if (facts_.api == Api::responses && value.type() == JsonType::array) look_at_turns(value);
    return true;
  }

  // Counts are read as leniently as they can be; what is no count is the provider's to judge.
  static std::int64_t count(const JsonSteps& value, std::int64_t otherwise) {
    if (value.type() != JsonType::number) return otherwise;
    const std::int64_t whole = value.integer(otherwise);
    return whole < 0 ? otherwise : whole;
  }
  bool max_tokens(const JsonSteps& value) {
    max_tokens_ = count(value, -1);
    return true;
  }
  bool max_completion_tokens(const JsonSteps& value) {
    max_completion_tokens_ = count(value, -1);
    return true;
  }
  bool choices(const JsonSteps& value) {
    facts_.n = count(value, 1);
    return true;
  }

  bool tools(const JsonSteps& value) {
    facts_.tools = facts_.tools || has_element(value);
    return true;
  }

  bool response_format(const JsonSteps& value) {
    facts_.response_format = value.type() != JsonType::null;
    for (JsonSteps member = value.inside(); member.next();) {
      if (!member.key_is("type")) continue;
      const std::string type = member.string();
      facts_.response_format = type != "text";
      if (type == "json_schema") facts_.parameters |= kStructuredOutputs;
    }
    return true;
  }

  bool temperature(const JsonSteps& value) {
    facts_.has_temperature = value.type() == JsonType::number;
    if (facts_.has_temperature) facts_.temperature = real_number(value.bytes());
    return true;
  }

  bool seed(const JsonSteps& value) {
    facts_.has_seed = value.type() != JsonType::null;
    return true;
  }

  bool user(const JsonSteps& value) {
    facts_.user = value.string();
    return true;
  }

  Facts facts_;
  BadRequest& why_;
  const bool passive_;
  bool has_messages_ = false, has_input_ = false;
  std::int64_t max_tokens_ = -1, max_completion_tokens_ = -1;
};

// In the order of kTable.
using In = Inspection;
const In::Handler In::kHandlers[kMembers] = {&In::provider,
                                             &In::model,
                                             &In::messages,
                                             &In::stream,
                                             &In::stream_options,
                                             &In::prompt,
                                             &In::input,
                                             &In::max_tokens,
                                             &In::max_completion_tokens,
                                             &In::max_completion_tokens,
                                             &In::choices,
                                             &In::tools,
                                             &In::tools,
                                             &In::response_format,
                                             &In::temperature,
                                             &In::seed,
                                             &In::user};

}  // namespace

Error refusal(const BadRequest& why) { return {Kind::invalid, Source::client, Retry::no, why.message}; }

Result<JsonSteps> root_object(JsonScanner& scanner, std::string_view body, std::size_t room, BadRequest& why) {
  if (const Status status = scanner.validate(body, room); !status) {
    if (status.error().source == Source::us) return status.error();
    why = {"the body is not valid JSON: " + status.error().detail, {}};
    return refusal(why);
  }
  JsonSteps root = scanner.root();
  if (root.next() && root.type() == JsonType::object) return root;
  why = {"the body must be a JSON object", {}};
  return refusal(why);
}

Result<Facts> inspect(JsonScanner& scanner, Api api, std::string_view content_type, std::string_view body,
                      std::size_t room, BadRequest& why) {
  why = {};
  const auto untouched = [&] {
    Facts facts;
    facts.api = api;
    return facts;
  };
  const bool passive = is_passive(api);
  const Media media = media_of(content_type);
  if (api == Api::other && is_form(content_type)) {
    Facts facts = untouched();
    return read_form(content_type, body, facts, why) ? Result<Facts>(std::move(facts)) : refusal(why);
  }
  if (passive && (media == Media::no || !starts_object(body))) return untouched();
  const Result<JsonSteps> root = root_object(scanner, body, room, why);
  if (!root && root.error().source != Source::us && passive && media == Media::maybe) {
    why = {};
    return untouched();
  }
  if (!root) return root.error();
  Inspection inspection(api, why);
  if (!inspection.read(*root)) return refusal(why);
  return inspection.take();
}

}  // namespace spillway
