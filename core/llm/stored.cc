// See stored.h.
#include "llm/stored.h"

#include "json/scan.h"
#include "json/write.h"
#include "llm/replay.h"

namespace spillway {

namespace {

constexpr std::int64_t kVersion = 1;

Error not_stored(std::string_view why) { return {Kind::invalid, Source::us, Retry::no, std::string(why)}; }

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
  const Result<JsonValue> about = parse_json(blob.substr(0, line));
  if (!about || (*about)["v"].integer(0) != kVersion || (*about)["api"].string() != to_string(api)) {
    return not_stored("of another version or operation");
  }
  StoredAnswer answer{std::string((*about)["provider"].string()), std::string((*about)["model"].string()), {}};
  const bool streamed = (*about)["stream"].boolean(false);
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
