// `spillway models`: catalogues for people. What is in one, what of it makes a pool, the pool written into a file that
// is kept in git, the index of models that several providers have, and a refresh now. Each returns the exit code.
// Thread: main.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "cli/models_source.h"

namespace spillway {

struct ModelsListOptions {
  ModelsSource source;
  std::string id;     // of `show`
  std::string today;  // "2026-11-21"; empty: what the clock says, in UTC
  bool json = false;
  bool fit_only = false;  // only those that may be in a pool
};
int models_list_command(const ModelsListOptions& options);
int models_show_command(const ModelsListOptions& options);

struct ModelsPoolOptions {
  ModelsSource source;
  std::int64_t size = 10, context_min = -1;
  std::string preset = "seed", free = "proven", blocklist, provider, today;
  double margin = 0;
  std::string apply;  // the file whose block is rewritten
  std::string block, group;
  bool dry_run = false;
};
int models_pool_command(const ModelsPoolOptions& options);

struct ModelsBuildOptions {
  std::string providers, output, seeds;
  std::vector<std::string> catalogs;  // NAME=SOURCE, instead of what is known of NAME
  bool any = false, pretty = false;
};
int models_build_command(const ModelsBuildOptions& options);

int models_sync_command(const std::string& config);

std::string models_help();

// "spillway models: WHY" to stderr; kExitFailed.
int models_failed(const std::string& why);
// `today` as it was given, else the UTC date of now.
std::string day_of(const std::string& today);

}  // namespace spillway
