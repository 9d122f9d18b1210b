#include "catalog/block.h"

#include <algorithm>
#include <optional>

#include "base/number.h"
#include "conf/tree.h"
#include "http/headers.h"

namespace spillway {

namespace {

constexpr std::string_view kBegin = "# BEGIN GENERATED ", kEnd = "# END GENERATED ", kNamed = "POOL ";
constexpr std::string_view kNameless = "OPENROUTER POOL";
constexpr std::size_t kTextMax = 4u << 20, kIdMax = 200;

struct Line {
  std::size_t begin = 0, end = 0;  // with its line end
  std::string_view text;           // without
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t newline = text.find('\n', at), end = newline == text.npos ? text.size() : newline + 1;
    std::string_view line = text.substr(at, end - at);
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back({at, end, line});
    at = end;
  }
  return lines;
}

// The name of a marker line; nullopt: it is none. The nameless one's is empty.
std::optional<std::string_view> marker(std::string_view line, std::string_view start, BlockForm form) {
  line = trim(line);
  if (!line.starts_with(start)) return std::nullopt;
  line.remove_prefix(start.size());
  if (form == BlockForm::litellm && line == kNameless) return std::string_view();
  if (!line.starts_with(kNamed) || line.size() == kNamed.size()) return std::nullopt;
  return trim(line.substr(kNamed.size()));
}

// What stands behind `key` on this line, unquoted; empty: the line has no such key.
std::string_view value_of(std::string_view line, std::string_view key, char separator) {
  for (std::size_t at = 0; (at = line.find(key, at)) != line.npos; at += key.size()) {
    const bool begins = at == 0 || line[at - 1] == ' ' || line[at - 1] == '{' || line[at - 1] == ',';
    std::string_view rest = trim(line.substr(at + key.size()));
    if (!begins || !rest.starts_with(separator)) continue;
    rest = trim(rest.substr(1));
    const bool quoted = rest.starts_with('"') || rest.starts_with('\'');
    if (!quoted) return rest.substr(0, rest.find_first_of(" \t,}"));
    const std::size_t end = rest.find(rest[0], 1);
    return end == rest.npos ? std::string_view() : rest.substr(1, end - 1);
  }
  return {};
}

void read_entry(std::string_view line, std::string_view provider, Block& block) {
  if (trim(line).starts_with('#')) return;
  if (block.form == BlockForm::toml) {
    const std::string_view id = value_of(line, "model", '=');
    if (!id.empty()) block.ids.emplace_back(id);
    return;
  }
  const std::string_view group = value_of(line, "model_name", ':');
  std::string_view model = value_of(line, "model", ':');
  if (block.group.empty()) block.group = group;
  if (model.starts_with(provider) && model.substr(provider.size()).starts_with('/')) {
    block.ids.emplace_back(model.substr(provider.size() + 1));
  }
}

std::string marker_text(std::string_view start, std::string_view name) {
  return std::string(start) + (name.empty() ? std::string(kNameless) : std::string(kNamed) + std::string(name));
}

std::string toml_entry(const TargetConfig& target) {
  std::string line = "{ provider = \"" + target.provider + "\", model = \"" + target.model +
                     "\", weight = " + real_text(target.weight);
  if (target.free == 1 && !std::string_view(target.model).ends_with(":free")) line += ", free = true";
  if (target.context > 0) line += ", context = " + std::to_string(target.context);
  std::string can;
  for (const std::string& one : target.capabilities) {
    if (one == "text") continue;  // what a config need not say
    can.append(can.empty() ? "\"" : ", \"").append(one).append("\"");
  }
  if (!can.empty()) line += ", capabilities = [" + can + "]";
  return line + " },";
}

// Every target that the block lists must be one to whoever reads the file.
void collect_models(const Node& node, bool targets, std::vector<std::string>& models) {
  if (node.kind == Node::Kind::array) {
    for (const Node& item : node.items) {
      const Member* model = targets && item.kind == Node::Kind::table ? item.find("model") : nullptr;
      if (model != nullptr) models.push_back(model->value.text);
      collect_models(item, false, models);
    }
  }
  for (const Member& member : node.members) collect_models(member.value, member.key == "targets", models);
}

Status check_toml(std::string_view text, const std::vector<TargetConfig>& members) {
  const Parsed parsed = parse_toml(text, 0);
  if (!parsed.errors.empty()) {
    const SyntaxError& first = parsed.errors[0];
    return invalid("line " + std::to_string(first.place.line) + " would be no TOML: " + first.message);
  }
  std::vector<std::string> models;
  collect_models(parsed.root, false, models);
  for (const TargetConfig& member : members) {
    if (std::find(models.begin(), models.end(), member.model) == models.end()) {
      return invalid("the block does not stand inside `targets = [ ... ]`");
    }
  }
  return Nothing();
}

}  // namespace

Result<BlockForm> block_form_of(std::string_view path) {
  if (path.ends_with(".toml")) return BlockForm::toml;
  if (path.ends_with(".yaml") || path.ends_with(".yml")) return BlockForm::litellm;
  return invalid("a file to be edited ends in .toml, .yaml or .yml");
}

bool id_can_be_written(std::string_view id) {
  constexpr std::string_view kOthers = "._~:/@+-";
  return !id.empty() && id.size() <= kIdMax && std::all_of(id.begin(), id.end(), [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || kOthers.find(c) != kOthers.npos;
  });
}

Result<Block> find_block(std::string_view text, BlockForm form, std::string_view name, std::string_view provider) {
  if (text.size() > kTextMax) return invalid("it has more than " + std::to_string(kTextMax) + " bytes");
  const std::vector<Line> lines = lines_of(text);
  std::optional<std::size_t> begin, end;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto opens = marker(lines[i].text, kBegin, form);
    if (!opens || (!name.empty() && *opens != name)) continue;
    if (begin) return invalid(name.empty() ? "it has several generated blocks: say which" : "the block is there twice");
    begin = i;
  }
  if (!begin)
    return invalid("it has no line \"" + marker_text(kBegin, form == BlockForm::toml && name.empty() ? "NAME" : name) +
                   "\"");
  Block block;
  block.form = form;
  block.name = *marker(lines[*begin].text, kBegin, form);
  for (std::size_t i = *begin + 1; i < lines.size() && !end; ++i) {
    if (marker(lines[i].text, kBegin, form)) break;
    if (marker(lines[i].text, kEnd, form) == block.name) end = i;
  }
  if (!end) return invalid("it has no line \"" + marker_text(kEnd, block.name) + "\" behind the block's begin");
  const Line& first = lines[*begin];
  block.begin = first.end;
  block.end = lines[*end].begin;
  block.indent = first.text.substr(0, first.text.find('#'));
  block.line_end = text.substr(first.begin + first.text.size(), first.end - first.begin - first.text.size());
  for (std::size_t i = *begin + 1; i < *end; ++i) read_entry(lines[i].text, provider, block);
  return block;
}

Result<std::string> rewrite_block(std::string_view text, const Block& block, const std::vector<TargetConfig>& members,
                                  std::string_view wanted_group) {
  const std::string group = !wanted_group.empty()  ? std::string(wanted_group)
                            : !block.group.empty() ? block.group
                            : !block.name.empty()  ? block.name
                                                   : "primary";
  if (members.empty()) return invalid("there is no candidate for the pool");
  if (!id_can_be_written(group)) return invalid("the name of the group cannot be written");
  std::string lines;
  const auto add = [&](std::string_view line) { lines.append(block.indent).append(line).append(block.line_end); };
  for (const TargetConfig& member : members) {
    if (!id_can_be_written(member.model) || !id_can_be_written(member.provider)) {
      return invalid("an id of the catalogue cannot be written");
    }
    if (block.form == BlockForm::toml) {
      add(toml_entry(member));
      continue;
    }
    add("- model_name: " + group);
    add("  litellm_params:");
    add("    model: " + member.provider + "/" + member.model);
    add("    weight: " + real_text(member.weight));
  }
  std::string whole = std::string(text.substr(0, block.begin)) + lines + std::string(text.substr(block.end));
  if (block.form == BlockForm::toml) {
    if (const Status fine = check_toml(whole, members); !fine) return fine.error();
  }
  return whole;
}

}  // namespace spillway
