// One provider as the wire sees it: where to connect, which credential goes along. Built from the config, immutable,
// shared by all workers. The credential is never printed; its identity is a hash.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "conf/config.h"
#include "http/url.h"
#include "llm/dialect.h"
#include "upstream/quirks.h"

namespace spillway {

struct Endpoint {
  std::string provider, account;
  std::string key_info;  // what policies fetch to be told of the key's quota; empty: nothing
  Url url;
  std::string authority;  // for Host
  const Dialect* dialect = nullptr;
  std::string_view auth_header;  // the field that carries the credential
  std::string credential;        // its whole value; empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  const Quirks* quirks = nullptr;                          // of its host; never null once it is made
  bool speaks_responses = false, speaks_messages = false;  // beside what its dialect is
  bool drop_params = true;  // of translated requests: what the provider has no word for goes, else it is refused
  std::string ca_file;
  bool insecure = false;
  std::string_view header(std::string_view wanted) const;  // of `headers`; empty: it is not there
  // Connections are reused only between equal ids: scheme, host, port, TLS settings and credential all count.
  std::uint64_t id = 0;
  std::uint64_t key_id = 0;      // (provider, credential), for credential gates
  std::uint64_t account_id = 0;  // whose quota it is
};

Result<Endpoint> make_endpoint(const ProviderConfig& provider);

}  // namespace spillway
