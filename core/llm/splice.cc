// Changes a request body in place: the model's name and stream_options.include_usage. See facts.h.
//
// Nothing of the body is copied. An edit replaces a span of it by bytes of ours; the pieces are what lies between the
// edits and the edits' own bytes, in order.
#include <algorithm>

#include "json/write.h"
#include "llm/facts.h"
#include "llm/model_name.h"

namespace spillway {
namespace {

constexpr std::string_view kOptions = R"({"include_usage":true})";

struct Edit {
  JsonSpan out;                 // what goes
  std::size_t at = 0, len = 0;  // what comes instead, in the store
};

class Edits {
 public:
  explicit Edits(std::string& store) : store_(store) {}

  // The store's bytes from `at` on replace `out`.
  void add(JsonSpan out, std::size_t at) { edits_.push_back({out, at, store_.size() - at}); }
  void add(JsonSpan out, std::string_view bytes) {
    const std::size_t at = store_.size();
    store_ += bytes;
    add(out, at);
  }

  void cut(std::string_view body, std::vector<std::string_view>& pieces) {
    std::stable_sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) { return a.out.at < b.out.at; });
    pieces.reserve(2 * edits_.size() + 2);  // a head may come in front
    std::size_t done = 0;
    const auto put = [&](std::string_view piece) {
      if (!piece.empty()) pieces.push_back(piece);
    };
    for (const Edit& edit : edits_) {
      put(body.substr(done, edit.out.at - done));
      put(std::string_view(store_).substr(edit.at, edit.len));
      done = edit.out.at + edit.out.len;
    }
    put(body.substr(done));
  }

 private:
  std::string& store_;
  std::vector<Edit> edits_;
};

JsonSpan behind(std::size_t at) { return {static_cast<std::uint32_t>(at + 1), 0}; }

void ask_for_usage(const Facts& facts, std::string_view body, Edits& edits) {
  const JsonSpan options = facts.stream_options_at;
  if (options.len == 0) {
    // In front: a streaming request has at least `stream`, so a comma is always right.
    edits.add(behind(body.find('{')), std::string(R"("stream_options":)").append(kOptions) + ",");
  } else if (body[options.at] != '{') {
    edits.add(options, kOptions);  // null
  } else if (!facts.include_usage_at.empty()) {
    // All of them if it was given twice, since upstreams differ in which they take.
    for (const JsonSpan value : facts.include_usage_at) edits.add(value, "true");
  } else {
    const std::string_view inside = options.in(body).substr(1);
    const bool empty = inside[inside.find_first_not_of(" \t\r\n")] == '}';
    edits.add(behind(options.at), empty ? R"("include_usage":true)" : R"("include_usage":true,)");
  }
}

// A comma is right unless the object that begins at `at` is empty.
bool is_empty(std::string_view body, std::size_t at) {
  const std::size_t inside = body.find_first_not_of(" \t\r\n", at + 1);
  return inside == body.npos || body[inside] == '}';
}

void deny_collection(const Facts& facts, std::string_view body, Edits& edits) {
  constexpr std::string_view kDeny = R"("data_collection":"deny")";
  const JsonSpan provider = facts.provider_at;
  const auto member = [&](std::size_t object) { return std::string(kDeny) + (is_empty(body, object) ? "" : ","); };
  if (provider.len == 0) {
    const std::size_t top = body.find('{');
    edits.add(behind(top), R"("provider":{)" + std::string(kDeny) + (is_empty(body, top) ? "}" : "},"));
  } else if (body[provider.at] != '{') {
    edits.add(provider, "{" + std::string(kDeny) + "}");
  } else if (facts.data_collection_at.empty()) {
    edits.add(behind(provider.at), member(provider.at));
  } else {
    for (const JsonSpan value : facts.data_collection_at) edits.add(value, R"("deny")");
  }
}

}  // namespace

void splice(const Facts& facts, std::string_view body, std::string_view model, bool want_usage, Splice& out,
            bool deny_training) {
  out.store.clear();
  out.pieces.clear();
  Edits edits(out.store);
  if (!model.empty() && facts.model_at.len != 0 && model != facts.model) {
    if (!facts.form) {
      append_json_string(out.store, model);
      edits.add(facts.model_at, 0);
    } else if (!unprintable(model)) {  // in a form nothing is escaped
      edits.add(facts.model_at, model);
    }
  }
  // Elsewhere the member is unknown, or means something else.
  const bool has_usage_chunk = facts.api == Api::chat || facts.api == Api::completions;
  if (want_usage && has_usage_chunk && facts.stream && !facts.include_usage) ask_for_usage(facts, body, edits);
  if (deny_training && facts.json) deny_collection(facts, body, edits);
  edits.cut(body, out.pieces);
  out.bytes = 0;
  for (const std::string_view piece : out.pieces) out.bytes += piece.size();
}

}  // namespace spillway
