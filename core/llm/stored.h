// A complete answer as a policy may keep it and give it back: one line of JSON that says what it is, then its bytes.
//
// To policies it is opaque, but a policy may hand back anything, so it is read like any other input. Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "llm/facts.h"

namespace spillway {

std::string pack_stored(Api api, bool streamed, std::string_view provider, std::string_view model,
                        std::string_view body);

struct StoredAnswer {
  std::string provider, model, body;
};

// The answer in the form the client asked for. Kind::invalid: no stored answer of this operation and version, or one
// that has no such form.
Result<StoredAnswer> open_stored(Api api, std::string_view blob, bool stream, bool with_usage);

}  // namespace spillway
