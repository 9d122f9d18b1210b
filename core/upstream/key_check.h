// Whether a provider takes its key: what to ask it (the presets say), and what its answer means. Nothing of the answer
// but figures is passed on, for some repeat the key. Pure. Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "conf/config.h"
#include "upstream/endpoint.h"

namespace spillway {

// Whether anything goes along that could be refused.
bool has_key(const Endpoint& endpoint);
// What to GET; empty: there is no way to ask. A question at another host than the provider's is for who is where the
// preset says, so that no key gets farther than its config meant.
std::string key_check_url(const ProviderConfig& provider, const Endpoint& endpoint);

struct KeyWord {
  enum class Is : std::uint8_t { accepted, refused, unclear } is = Is::unclear;
  std::string why;   // of the two others
  std::string left;  // what its answer says is left; empty: it does not
};
// `status` 0: there was no answer, and `body` says why.
KeyWord key_word(int status, std::string_view body);

}  // namespace spillway
