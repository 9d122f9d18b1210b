// Loads fixtures as a config would: [[plugin]] with their path, one route with their names.
#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "policy/plugin.h"
#include "support/fake_host.h"

namespace spillway {

inline std::string fixture_path(const std::string& name) { return std::string(SPW_ABI_DIR) + "/" + name + ".so"; }

inline Config fixture_config(std::initializer_list<const char*> files, std::vector<std::string> policies) {
  Config config;
  config.path = "abi.toml";
  for (const char* file : files) config.plugins.push_back({fixture_path(file), {3, 1, 0}});
  RouteConfig route;
  route.model = {"primary"};
  route.policies = std::move(policies);
  route.place = {9, 1, 0};
  config.routes.push_back(std::move(route));
  return config;
}

}  // namespace spillway
