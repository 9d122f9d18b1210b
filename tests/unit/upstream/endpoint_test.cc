// A [[provider]] as the wire sees it, and which of them may share connections.
#include "upstream/endpoint.h"

#include <gtest/gtest.h>

#include <set>

namespace spillway {
namespace {

ProviderConfig provider() {
  ProviderConfig config;
  config.name = "up";
  config.base_url = "https://api.example.com/v1";
  config.api_key = "secret-one";
  return config;
}

Endpoint made(const ProviderConfig& config) {
  Result<Endpoint> endpoint = make_endpoint(config);
  EXPECT_TRUE(endpoint) << (endpoint ? "" : endpoint.error().detail);
  return endpoint ? *endpoint : Endpoint{};
}

TEST(Endpoint, has_what_a_request_needs) {
  ProviderConfig config = provider();
  config.headers = {{"x-title", "spillway"}};
  const Endpoint endpoint = made(config);
  EXPECT_EQ(endpoint.provider, "up");
  EXPECT_EQ(endpoint.account, "up") << "without an account of its own, the provider is the account";
  EXPECT_TRUE(endpoint.url.tls);
  EXPECT_EQ(endpoint.url.host, "api.example.com");
  EXPECT_EQ(endpoint.url.port, 443);
  EXPECT_EQ(endpoint.url.path, "/v1");
  EXPECT_EQ(endpoint.authority, "api.example.com");
  EXPECT_EQ(endpoint.credential, "Bearer secret-one");
  ASSERT_EQ(endpoint.headers.size(), 1u);
  EXPECT_EQ(endpoint.headers[0].second, "spillway");
}

TEST(Endpoint, without_a_key_sends_no_credential) {
  ProviderConfig config = provider();
  config.api_key.clear();
  EXPECT_EQ(made(config).credential, "");
}

TEST(Endpoint, the_key_goes_along_as_the_config_says) {
  ProviderConfig config = provider();
  EXPECT_EQ(made(config).auth_header, "authorization");
  config.auth = "api-key";
  EXPECT_EQ(made(config).auth_header, "api-key");
  EXPECT_EQ(made(config).credential, "secret-one");
  config.auth = "bearer";
  EXPECT_EQ(made(config).credential, "Bearer secret-one");
}

TEST(Endpoint, unusable_addresses_and_dialects_are_refused) {
  ProviderConfig config = provider();
  config.base_url = "ftp://api.example.com";
  EXPECT_FALSE(make_endpoint(config));
  config = provider();
  config.dialect = "smoke-signals";
  const Result<Endpoint> refused = make_endpoint(config);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::config);
  EXPECT_NE(refused.error().detail.find("smoke-signals"), std::string::npos);
}

TEST(Endpoint, only_what_is_alike_on_the_wire_shares_connections) {
  std::set<std::uint64_t> ids = {made(provider()).id};
  const auto differs = [&](auto change) {
    ProviderConfig config = provider();
    change(config);
    return ids.insert(made(config).id).second;
  };
  EXPECT_TRUE(differs([](ProviderConfig& c) { c.base_url = "http://api.example.com/v1"; }));
  EXPECT_TRUE(differs([](ProviderConfig& c) { c.base_url = "https://other.example.com/v1"; }));
  EXPECT_TRUE(differs([](ProviderConfig& c) { c.base_url = "https://api.example.com:8443/v1"; }));
  EXPECT_TRUE(differs([](ProviderConfig& c) { c.api_key = "secret-two"; }));
  EXPECT_TRUE(differs([](ProviderConfig& c) { c.api_key.clear(); }));
  EXPECT_TRUE(differs([](ProviderConfig& c) { c.ca_file = "/etc/ca.pem"; }));
  EXPECT_TRUE(differs([](ProviderConfig& c) { c.insecure = true; }));
  EXPECT_FALSE(differs([](ProviderConfig& c) { c.name = "another"; }));
  EXPECT_FALSE(differs([](ProviderConfig& c) { c.base_url = "https://api.example.com/v2"; }));
}

TEST(Endpoint, keys_and_accounts_are_told_apart_by_their_owners) {
  ProviderConfig same_account = provider();
  same_account.name = "up-2";
  same_account.account = "up";
  EXPECT_EQ(made(same_account).account_id, made(provider()).account_id);
  EXPECT_NE(made(same_account).key_id, made(provider()).key_id) << "a credential gate is per provider and key";
  ProviderConfig other_key = provider();
  other_key.api_key = "secret-two";
  EXPECT_NE(made(other_key).key_id, made(provider()).key_id);
  EXPECT_EQ(made(other_key).account_id, made(provider()).account_id);
}

}  // namespace
}  // namespace spillway
