// `models build`: the index of models that several providers have, as one file to publish (R-11, C-24).
#include <cstdio>
#include <map>

#include "base/file.h"
#include "catalog/index.h"
#include "cli/commands.h"
#include "cli/models.h"

namespace spillway {

namespace {

constexpr std::size_t kSeedsBytesMost = 4u << 20;

int usage(const std::string& why) {
  std::fprintf(stderr, "spillway models: %s\n", why.c_str());
  return kExitUsage;
}

// NAME=SOURCE of --catalog; a name without one is the source itself.
std::string source_of(const std::string& provider, const std::vector<std::string>& catalogs) {
  for (const std::string& one : catalogs) {
    if (one.starts_with(provider + "=")) return one.substr(provider.size() + 1);
  }
  return provider;
}

// How a provider's list is read, whatever file or URL it comes from.
std::string kind_of(const std::string& provider) {
  if (provider == "nvidia_nim") return "nvidia";
  return find_catalog_source(provider) == nullptr ? "openai" : provider;
}

}  // namespace

int models_build_command(const ModelsBuildOptions& options) {
  IndexRules rules;
  rules.providers = provider_list(options.providers);
  rules.all_required = !options.any;
  rules.free_only = {"openrouter"};
  if (rules.providers.empty()) return usage("--providers names nobody");
  for (const std::string& one : options.catalogs) {
    if (one.find('=') == one.npos || one.starts_with('=')) return usage("--catalog is NAME=SOURCE, not " + one);
  }
  IndexSeeds seeds;
  if (!options.seeds.empty()) {
    const Result<std::string> text = read_file(options.seeds, kSeedsBytesMost);
    if (!text) return models_failed(text.error().detail);
    Result<IndexSeeds> read = read_index_seeds(*text);
    if (!read) return models_failed(options.seeds + ": " + read.error().detail);
    seeds = std::move(*read);
  }
  std::map<std::string, Catalog> catalogs;
  for (const std::string& provider : rules.providers) {
    ModelsSource source;
    source.place = source_of(provider, options.catalogs);
    source.kind = kind_of(provider);
    Result<LoadedCatalog> loaded = load_catalog(source);
    if (!loaded) return models_failed(provider + ": " + loaded.error().detail);
    catalogs[provider] = std::move(loaded->catalog);
  }
  const std::vector<IndexModel> models = build_index(catalogs, rules, options.seeds.empty() ? nullptr : &seeds);
  if (models.empty()) return models_failed("no model is with all of these providers");
  const std::string plain = print_index(models, catalogs, rules);
  const std::string text = options.pretty ? pretty_json(plain) : plain;
  if (options.output == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return kExitOk;
  }
  const Status written = replace_file(options.output, text);
  if (!written) return models_failed(written.error().detail);
  std::printf("%zu models of %zu providers in %s\n", models.size(), rules.providers.size(), options.output.c_str());
  return kExitOk;
}

}  // namespace spillway
