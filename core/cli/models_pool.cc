// `models pool`: the generator for people who keep their pool in git (seed 000; semantics.md P-9 to P-14).
//
// The file is read before anything is fetched and written after everything else has worked: whatever fails, it is as it
// was. The one before stays beside it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>

#include "base/file.h"
#include "catalog/block.h"
#include "catalog/make.h"
#include "cli/commands.h"
#include "cli/models.h"

namespace spillway {

namespace {

constexpr std::size_t kFileBytesMost = 4u << 20;

// The file that is to be changed, and the block in it. Errors of Source::client are mistakes in the arguments.
struct Edited {
  std::string path, text;
  Block block;
};

// Through links: a rename over one would leave the file it points at behind.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real == nullptr ? path : real.get();
}

Result<Edited> open_block(const ModelsPoolOptions& options, const std::string& provider) {
  Edited edited;
  edited.path = real_path(options.apply);
  const Result<BlockForm> form = block_form_of(options.apply);
  if (!form) return Error{Kind::config, Source::client, Retry::no, form.error().detail};
  Result<std::string> text = read_file(edited.path, kFileBytesMost);
  if (!text) return text.error();
  edited.text = std::move(*text);
  if (*form == BlockForm::toml && !options.group.empty()) {
    return Error{Kind::config, Source::client, Retry::no, "--group is for LiteLLM's files"};
  }
  Result<Block> block = find_block(edited.text, *form, options.block, provider);
  if (!block) return block.error();
  edited.block = std::move(*block);
  return edited;
}

// Ids that cannot stand in a config are left out, loudly: no real one has such characters.
void drop_unwritable(Catalog& catalog) {
  const std::size_t before = catalog.models.size();
  std::erase_if(catalog.models, [](const CatalogModel& model) { return !id_can_be_written(model.id); });
  if (catalog.models.size() < before) {
    std::fprintf(stderr, "spillway models: %zu ids with unusual characters are left out\n",
                 before - catalog.models.size());
  }
}

Result<MadePool> make(const ModelsPoolOptions& options, LoadedCatalog& loaded, const std::string& provider,
                      const std::vector<std::string>& previous) {
  drop_unwritable(loaded.catalog);
  PoolConfig pool;
  pool.name = "pool";
  pool.source = provider;
  pool.size = options.size;
  pool.preset = options.preset;
  pool.free = options.free;
  pool.context_min = options.context_min;
  pool.replace_margin = options.margin;
  std::string blocklist;
  if (!options.blocklist.empty()) {
    Result<std::string> text = read_file(options.blocklist, kFileBytesMost);
    if (!text) return text.error();
    blocklist = std::move(*text);
  }
  std::set<std::string> named;
  for (const CatalogModel& model : loaded.catalog.models) named.insert(model.provider);
  const PoolMaterial material{
      loaded.catalog, loaded.kind, previous, false, day_of(options.today), blocklist, {named.begin(), named.end()}};
  MadePool made = make_pool(pool, material);
  if (made.targets.empty()) {
    return Error{Kind::invalid, Source::upstream, Retry::no, "there is no candidate for the pool"};
  }
  return made;
}

void print_pool(const MadePool& made) {
  std::printf("rank  weight    context  model\n");
  int rank = 0;
  for (const TargetConfig& target : made.targets) {
    std::printf("%4d  %6g  %9lld  %s\n", ++rank, target.weight, static_cast<long long>(target.context),
                target.model.c_str());
  }
}

void print_changes(const MadePool& made) {
  for (const std::string& id : made.added) std::printf("  + %s\n", id.c_str());
  for (const std::string& id : made.removed) std::printf("  - %s\n", id.c_str());
  if (made.added.empty() && made.removed.empty()) std::printf("  the same models, with other weights or facts\n");
}

int apply(const ModelsPoolOptions& options, const Edited& edited, const MadePool& made) {
  const Result<std::string> after = rewrite_block(edited.text, edited.block, made.targets, options.group);
  if (!after) return models_failed(options.apply + ": " + after.error().detail);
  if (*after == edited.text) {
    std::printf("No changes needed.\n");
    return kExitOk;
  }
  print_changes(made);
  if (options.dry_run) {
    std::printf("Dry run: %s is as it was.\n", options.apply.c_str());
    return kExitOk;
  }
  const std::string backup = edited.path + ".bak";
  const Status kept = replace_file(backup, edited.text);
  if (!kept) return models_failed(kept.error().detail);
  const Status written = replace_file(edited.path, *after);
  if (!written) return models_failed(written.error().detail);
  std::printf("Updated %s; the one before is %s.\n", options.apply.c_str(), backup.c_str());
  return kExitOk;
}

}  // namespace

int models_pool_command(const ModelsPoolOptions& options) {
  const bool edits = !options.apply.empty();
  const std::vector<std::string> names = known_sources();
  const bool by_name = std::find(names.begin(), names.end(), options.source.place) != names.end();
  const std::string wanted = !options.provider.empty() ? options.provider
                             : by_name                 ? options.source.place
                                                       : "openrouter";
  if (!id_can_be_written(wanted) || (!options.group.empty() && !id_can_be_written(options.group))) {
    std::fprintf(stderr, "spillway models: a name has letters, digits and . _ - only\n");
    return kExitUsage;
  }
  Edited edited;
  if (edits) {
    Result<Edited> opened = open_block(options, wanted);
    if (!opened) {
      models_failed(options.apply + ": " + opened.error().detail);
      return opened.error().source == Source::client ? kExitUsage : kExitFailed;
    }
    edited = std::move(*opened);
  }
  Result<LoadedCatalog> loaded = load_catalog(options.source);
  if (!loaded) return models_failed(loaded.error().detail);
  const Result<MadePool> made = make(options, *loaded, wanted, edited.block.ids);
  if (!made) return models_failed(made.error().detail);
  print_pool(*made);
  return edits ? apply(options, edited, *made) : kExitOk;
}

}  // namespace spillway
