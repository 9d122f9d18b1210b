// What a request asks for, read from its head and body in one pass, and the splices that change it in place.
//
// The body is never rewritten: pieces() gives it back with the model's string replaced and members injected, as slices
// of the original and of a few own bytes. Everything else goes through byte for byte.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/scan.h"
#include "llm/api.h"
#include "llm/parameters.h"

namespace spillway {

struct Facts {
  Api api = Api::other;
  std::string model;  // unescaped; empty when the request names none (Api::other only)
  JsonSpan model_at;  // len 0: not in the body
  bool json = false;  // the body is a JSON object
  bool form = false;  // it is a form with files, and model_at a field of it
  bool stream = false;
  bool include_usage = false;                // the client asked for the usage chunk itself
  JsonSpan stream_options_at;                // the span of its object (or null), len 0 if absent
  std::vector<JsonSpan> include_usage_at;    // values of stream_options.include_usage, more than one if given twice
  JsonSpan provider_at;                      // OpenRouter's `provider`, len 0 if absent
  std::vector<JsonSpan> data_collection_at;  // values of provider.data_collection
  std::int64_t max_tokens = -1;              // max_completion_tokens wins; -1: absent
  bool tools = false;                        // a non-empty tools or functions array
  bool response_format = false;              // other than {"type":"text"}
  bool images = false;                       // an image part in any message
  Parameters parameters = 0;                 // others that shape the answer
  bool has_temperature = false;
  double temperature = 0;
  bool has_seed = false;
  std::int64_t n = 1;
  std::string user;
  std::uint64_t prompt_bytes = 0;   // bytes of messages, prompt or input as spelled
  std::uint64_t prompt_tokens = 0;  // estimate: prompt_bytes / 4, rounded up
};

// A refusal in the client's terms: 400 and the parameter it is about (empty: none).
struct BadRequest {
  std::string message;
  std::string param;
};

Error refusal(const BadRequest& why);

// Checks that `body` is one JSON object and steps onto it; `room` as for the scanner. Otherwise the client's mistake,
// in `why` as well, or a lack of ours (Source::us).
Result<JsonSteps> root_object(JsonScanner& scanner, std::string_view body, std::size_t room, BadRequest& why);

// Checks and reads `body`. For chat, completions and embeddings, whatever its media type: one JSON object, `model` a
// non-empty string of at most 256 bytes without control characters, no top-level key twice (keys compared unescaped),
// `stream` boolean, `stream_options` an object or null, chat and messages with a `messages` array, embeddings and
// responses with an `input`.
//
// For the other operations an object is read for its model and the rest is the provider's to judge; any other body
// passes with json = false and no model, unless it is a form that names one. A body that says it is JSON and starts
// with '{' must be valid, and no object may give a key twice, or an upstream could read another model than we did.
Result<Facts> inspect(JsonScanner& scanner, Api api, std::string_view content_type, std::string_view body,
                      std::size_t room, BadRequest& why);

// The body with changes. `model` empty: keep the client's. want_usage: inject stream_options.include_usage = true
// (into the client's own stream_options object if it sent one) into streaming chats and completions that lack it.
struct Splice {
  std::string store;                     // the bytes that are ours
  std::vector<std::string_view> pieces;  // into the body and `store`, in order
  std::size_t bytes = 0;
};
// deny_training: say provider.data_collection = "deny" (semantics.md O-12, O-15), whatever the client said there.
void splice(const Facts& facts, std::string_view body, std::string_view model, bool want_usage, Splice& out,
            bool deny_training = false);

}  // namespace spillway
