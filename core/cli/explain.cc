// spillway explain: what a running process would do with a request, asked at its admin listener and printed as a table.
#include <cstdio>

#include "base/file.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/explain_table.h"
#include "http/url.h"
#include "json/write.h"
#include "llm/facts.h"

namespace spillway {

namespace {

constexpr std::size_t kRequestBytesMax = 32u << 20;

int failed(int code, const std::string& why) {
  std::fprintf(stderr, "spillway explain: %s\n", why.c_str());
  return code;
}

// The request to ask about: the file's, with `--model` in place of its own; without a file a short one.
Result<std::string> body_of(const ExplainOptions& options) {
  if (options.request.empty()) {
    std::string body;
    JsonWriter json(body);
    json.open('{').member("model", options.model).key("messages").open('[').open('{');
    json.member("role", "user").member("content", "Hi").close('}').close(']').close('}');
    return body;
  }
  Result<std::string> body = read_file(options.request, kRequestBytesMax);
  if (!body || options.model.empty()) return body;
  JsonScanner scanner;
  BadRequest why;
  const Result<Facts> facts = inspect(scanner, Api::chat, "application/json", *body, 0, why);
  if (!facts) return invalid(options.request + ": " + why.message);
  Splice splice_out;
  splice(*facts, *body, options.model, false, splice_out);
  std::string changed;
  for (const std::string_view piece : splice_out.pieces) changed += piece;
  return changed;
}

}  // namespace

int explain_command(const ExplainOptions& options) {
  if (options.model.empty() && options.request.empty()) return failed(kExitUsage, "give --model, --request or both");
  const Result<std::string> body = body_of(options);
  if (!body) return failed(kExitUsage, body.error().detail);
  const std::string path =
      "/admin/explain?key=" + percent_encode(options.key) + "&tags=" + percent_encode(options.tags);
  const Result<std::string> said = ask_admin(options.admin, "POST", path, *body);
  if (!said) return failed(said.error().kind == Kind::config ? kExitUsage : kExitFailed, said.error().detail);
  const Result<JsonValue> answer = parse_json(*said);
  if (!answer) return failed(kExitFailed, options.admin + ": " + answer.error().detail);
  if (answer->has("error")) return failed(kExitFailed, std::string((*answer)["error"].string()));
  const std::string text = options.json ? *said + "\n" : explain_table(*answer);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace spillway
