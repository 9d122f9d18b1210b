// Turns a [[provider]] into what a connection needs.
#include "upstream/endpoint.h"

#include "base/hash.h"

namespace spillway {

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
  if (!provider.api_key.empty()) endpoint.credential = std::string(dialect->auth_prefix) + provider.api_key;
  for (const auto& [name, value] : provider.headers) endpoint.headers.emplace_back(name, value);
  endpoint.ca_file = provider.ca_file;
  endpoint.insecure = provider.insecure;
  const std::uint64_t credential = hash64(endpoint.credential);
  const std::string wire =
      (url->tls ? "s|" : "p|") + endpoint.authority + '|' + endpoint.ca_file + (endpoint.insecure ? "|i" : "|v");
  endpoint.id = hash64(wire, credential);
  endpoint.key_id = hash64(endpoint.provider, credential);
  endpoint.account_id = hash64(endpoint.account);
  return endpoint;
}

}  // namespace spillway
