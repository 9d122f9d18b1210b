// Includes: depth first, relative to the including file, no file inside itself. Thread: the loader's.
#include "conf/include.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/file.h"
#include "conf/secrets.h"

namespace spillway {
namespace {

class Includes {
 public:
  explicit Includes(Problems& problems) : problems_(problems) {}
  bool read(int file, Node& into);

 private:
  bool include(const Node& name, Node& into);
  void merge(Node&& from, Node& into, const std::string& name);
  Problems& problems_;
  std::vector<std::string> open_;  // the files we are inside of, outermost first
};

std::string identity(const std::string& path) {
  std::error_code failed;
  const auto whole = std::filesystem::weakly_canonical(path, failed);
  return failed ? path : whole.string();
}

void Includes::merge(Node&& from, Node& into, const std::string& name) {
  for (Member& member : from.members) {
    Member* there = into.find(member.key);
    const std::string path = name.empty() ? member.key : name + '.' + member.key;
    if (there == nullptr) {
      into.members.push_back(std::move(member));
    } else if (there->value.kind == Node::Kind::table && member.value.kind == Node::Kind::table) {
      merge(std::move(member.value), there->value, path);
    } else if (there->value.kind == Node::Kind::array && member.value.kind == Node::Kind::array) {
      std::move(member.value.items.begin(), member.value.items.end(), std::back_inserter(there->value.items));
    } else {
      const Place& first = there->place;
      problems_.error(member.place, path + ": is set already, see " +
                                        problems_.sources()[static_cast<std::size_t>(first.file)].path + " line " +
                                        std::to_string(first.line));
    }
  }
}

bool Includes::include(const Node& name, Node& into) {
  if (name.kind != Node::Kind::text || name.text.empty()) {
    problems_.error(name.place,
                    "include: expected file names, got " +
                        (name.kind == Node::Kind::text ? "an empty string" : std::string(kind_name(name.kind))));
    return false;
  }
  const std::string path = resolve_path(name.text, problems_.folder(name.place.file));
  if (open_.size() >= kIncludeDepthMax) {
    problems_.error(name.place, "include: more than " + std::to_string(kIncludeDepthMax) + " files deep");
    return false;
  }
  if (problems_.sources().size() >= kIncludeFilesMax) {
    problems_.error(name.place, "include: more than " + std::to_string(kIncludeFilesMax) + " files");
    return false;
  }
  if (std::find(open_.begin(), open_.end(), identity(path)) != open_.end()) {
    problems_.error(name.place, "include: " + path + " would include itself");
    return false;
  }
  Result<std::string> text = read_file(path, kFileBytesMax);
  if (!text) {
    problems_.error(name.place, "include: " + text.error().detail);
    return false;
  }
  Node included;
  const bool whole = read(problems_.add_source({path, std::move(*text)}), included);
  merge(std::move(included), into, {});
  return whole;
}

bool Includes::read(int file, Node& into) {
  const SourceText& source = problems_.sources()[static_cast<std::size_t>(file)];
  open_.push_back(identity(source.path));
  Parsed parsed = parse_toml(source.text, file);
  for (SyntaxError& error : parsed.errors) problems_.error(error.place, std::move(error.message));
  bool whole = parsed.errors.empty();
  into = std::move(parsed.root);
  Node names;
  if (const auto at =
          std::find_if(into.members.begin(), into.members.end(), [](const Member& m) { return m.key == "include"; });
      at != into.members.end()) {
    names = std::move(at->value);
    into.members.erase(at);
  }
  if (names.kind == Node::Kind::array) {
    for (const Node& name : names.items) whole = include(name, into) && whole;
  } else if (names.kind == Node::Kind::text || names.place.line > 0) {
    whole = include(names, into) && whole;
  }
  open_.pop_back();
  return whole;
}

}  // namespace

bool read_with_includes(int file, Node& into, Problems& problems) { return Includes(problems).read(file, into); }

}  // namespace spillway
