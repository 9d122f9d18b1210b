// See stored.h.
#include "llm/stored.h"

#include "json/scan.h"
#include "json/write.h"
#include "llm/replay.h"

namespace spillway {

namespace {

constexpr std::int64_t kVersion = 1;

// Takes `text` off the front of `line`; false when something else stands there.
bool take(std::string_view& line, std::string_view text) {
  if (!line.starts_with(text)) return false;
  line.remove_prefix(text.size());
  return true;
}

// Takes a string's inside and its closing quote. Only printable ASCII without escapes, which means itself.
bool take_plain(std::string_view& line, std::string& text) {
  std::size_t size = 0;
  while (size < line.size() && line[size] >= ' ' && line[size] <= '~' && line[size] != '"' && line[size] != '\\')
    ++size;
  text = line.substr(0, size);
  line.remove_prefix(size);
  return take(line, "\"");
}

struct About {
  bool streamed = false;
  std::string provider, model;
};

// The first line as pack_stored() writes it, unless a name needs an escape. False: it has to be parsed.
bool read_usual(std::string_view line, Api api, About& about) {
  if (!take(line, R"({"v":1,"api":")") || !take(line, to_string(api)) || !take(line, R"(","stream":)")) return false;
  about.streamed = line.starts_with("true");
  if (!take(line, about.streamed ? "true" : "false") || !take(line, R"(,"provider":")")) return false;
  return take_plain(line, about.provider) && take(line, R"(,"model":")") && take_plain(line, about.model) &&
         line == "}";
}
static_assert(kVersion == 1, "read_usual() spells it");

Error not_stored(std::string_view why) { return invalid(std::string(why)); }

}  // namespace

std::string pack_stored(Api api, bool streamed, std::string_view provider, std::string_view model,
                        std::string_view body) {
  std::string blob;
  JsonWriter json(blob);
  json.open('{').member("v", kVersion).member("api", to_string(api)).member("stream", streamed);
  json.member("provider", provider).member("model", model).close('}');
  blob += '\n';
  blob.append(body);
  return blob;
}

Result<StoredAnswer> open_stored(Api api, std::string_view blob, bool stream, bool with_usage) {
  const std::size_t line = blob.find('\n');
  if (line == blob.npos) return not_stored("no line that says what it is");
  About about;
  if (!read_usual(blob.substr(0, line), api, about)) {
    const Result<JsonValue> read = parse_json(blob.substr(0, line));
    if (!read || (*read)["v"].integer(0) != kVersion || (*read)["api"].string() != to_string(api)) {
      return not_stored("of another version or operation");
    }
    about = {(*read)["stream"].boolean(false), std::string((*read)["provider"].string()),
             std::string((*read)["model"].string())};
  }
  StoredAnswer answer{std::move(about.provider), std::move(about.model), {}};
  const bool streamed = about.streamed;
  const std::string_view body = blob.substr(line + 1);
  if (stream && streamed && !with_usage) {
    answer.body = without_usage_chunk(body);
  } else if (stream == streamed) {
    answer.body = body;
  } else {
    Result<std::string> other = streamed ? stream_to_body(api, body) : body_to_stream(api, body, with_usage);
    if (!other) return other.error();
    answer.body = std::move(*other);
  }
  return answer;
}

}  // namespace spillway
