#include "catalog/shelf.h"

#include "base/file.h"
#include "base/place.h"
#include "json/write.h"

namespace spillway {

namespace {

constexpr std::int64_t kFormat = 1;

Status write(const std::string& path, std::string_view text) {
  const Status made = make_directories(path);
  return made ? replace_file(path, text) : made;
}

Error unusable(const std::string& path, const std::string& why) { return invalid(path + ": " + why); }

// Only our own users' words are names of files: letters, digits and a few signs, as Form::name has them, which no path
// can be made of.
std::string file_name(const std::string& source) {
  std::string name;
  for (const char c : source) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '@' || (c == '.' && !name.empty());
    name += plain ? c : '_';
  }
  return name;
}

}  // namespace

std::string Shelf::default_folder() {
  const std::string folder = default_state_folder();
  return folder.empty() ? std::string() : folder + "/catalog";
}

std::string Shelf::path_of(const std::string& source) const { return folder_ + "/" + file_name(source) + ".json"; }

Result<KeptCatalog> Shelf::load(const std::string& source, CatalogKind kind, const std::string& url) const {
  const std::string path = path_of(source);
  const Result<std::string> text = read_file(path, kFileBytesMax);
  if (!text) return Error{Kind::not_found, Source::us, Retry::no, text.error().detail};
  const Result<JsonValue> json = parse_json(*text);
  if (!json) return unusable(path, json.error().detail);
  if ((*json)["spillway_catalog"].integer(0) != kFormat) return unusable(path, "is of another format");
  if ((*json)["url"].string() != url || (*json)["kind"].string() != catalog_source(kind).name) {
    return Error{Kind::not_found, Source::us, Retry::no, path + ": is from elsewhere"};
  }
  KeptCatalog kept;
  kept.fetched_s = (*json)["fetched"].integer(0);
  for (const JsonValue& page : (*json)["pages"].items) {
    Result<CatalogPage> read = read_page(kind, page);
    if (!read) return unusable(path, read.error().detail);
    append(kept.catalog, std::move(read->catalog));
  }
  if (kept.catalog.models.empty()) return unusable(path, "has no models");
  return kept;
}

Status Shelf::store(const std::string& source, CatalogKind kind, const std::string& url, std::int64_t fetched_s,
                    const std::vector<std::string>& pages) const {
  std::string text;
  JsonWriter json(text);
  json.open('{').member("spillway_catalog", kFormat).member("source", source);
  json.member("kind", catalog_source(kind).name).member("url", url).member("fetched", fetched_s);
  json.key("pages").open('[');
  for (const std::string& page : pages) json.raw(page);
  json.close(']').close('}');
  text += '\n';
  return write(path_of(source), text);
}

PoolMemory Shelf::load_pools() const {
  PoolMemory pools;
  const Result<std::string> text = read_file(folder_ + "/pools", kFileBytesMax);
  const Result<JsonValue> json = text ? parse_json(*text) : Result<JsonValue>(text.error());
  if (!json || (*json)["spillway_pools"].integer(0) != kFormat) return pools;
  const JsonValue& list = (*json)["pools"];
  for (std::size_t i = 0; i < list.keys.size(); ++i) {
    RememberedPool& pool = pools[list.keys[i]];
    pool.made_of_s = list.items[i]["made_of"].integer(0);
    for (const JsonValue& id : list.items[i]["members"].items) pool.ids.emplace_back(id.string());
  }
  return pools;
}

Status Shelf::store_pools(const PoolMemory& pools) const {
  std::string text;
  JsonWriter json(text);
  json.open('{').member("spillway_pools", kFormat).key("pools").open('{');
  for (const auto& [name, pool] : pools) {
    json.key(name).open('{').member("made_of", pool.made_of_s).key("members").open('[');
    for (const std::string& id : pool.ids) json.value(id);
    json.close(']').close('}');
  }
  json.close('}').close('}');
  text += '\n';
  return write(folder_ + "/pools", text);
}

}  // namespace spillway
