// Turns a [[provider]] into what a connection needs.
#include "upstream/endpoint.h"

#include "base/hash.h"
#include "http/headers.h"

namespace spillway {

namespace {

// The field that carries the key, and what stands in front of it there.
std::pair<std::string_view, std::string_view> auth_of(const Dialect& dialect, std::string_view auth) {
  if (auth == "bearer") return {"authorization", "Bearer "};
  for (const std::string_view name : {"api-key", "x-api-key", "x-goog-api-key"}) {
    if (auth == name) return {name, {}};
  }
  return {dialect.auth_header, dialect.auth_prefix};
}

}  // namespace

std::string_view Endpoint::header(std::string_view wanted) const {
  for (const auto& [name, value] : headers) {
    if (equal_fold(name, wanted)) return value;
  }
  return {};
}

Result<Endpoint> make_endpoint(const ProviderConfig& provider) {
  Result<Url> url = parse_url(provider.base_url);
  if (!url) return url.error();
  const Dialect* dialect = find_dialect(provider.dialect);
  if (dialect == nullptr) {
    return Error{Kind::config, Source::us, Retry::no, "dialect \"" + provider.dialect + "\" is not supported"};
  }
  Endpoint endpoint;
  endpoint.provider = provider.name;
  endpoint.account = provider.account.empty() ? provider.name : provider.account;
  endpoint.url = *url;
  endpoint.authority = url->authority();
  endpoint.dialect = dialect;
  endpoint.quirks = &quirks_of(provider.preset, url->host);
  const auto [header, prefix] = auth_of(*dialect, provider.auth);
  endpoint.auth_header = header;
  if (!provider.api_key.empty()) endpoint.credential = std::string(prefix) + provider.api_key;
  for (const auto& [name, value] : provider.headers) endpoint.headers.emplace_back(name, value);
  for (const std::string& api : provider.also_speaks) {
    (api == "messages" ? endpoint.speaks_messages : endpoint.speaks_responses) = true;
  }
  endpoint.drop_params = provider.drop_params;
  endpoint.ca_file = provider.ca_file;
  endpoint.insecure = provider.insecure;
  const std::uint64_t credential = hash64(endpoint.credential, hash64(endpoint.auth_header));
  const std::string wire =
      (url->tls ? "s|" : "p|") + endpoint.authority + '|' + endpoint.ca_file + (endpoint.insecure ? "|i" : "|v");
  endpoint.id = hash64(wire, credential);
  endpoint.key_id = hash64(endpoint.provider, credential);
  endpoint.account_id = hash64(endpoint.account);
  return endpoint;
}

}  // namespace spillway
