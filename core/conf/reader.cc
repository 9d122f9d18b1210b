// Values into members: types, ranges, choices, forms, secrets, paths. Thread: the loader's.
#include "conf/reader.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/log.h"
#include "base/number.h"
#include "conf/forms.h"
#include "conf/secrets.h"

namespace spillway {
namespace {

constexpr std::size_t kListMax = 10'000;

std::string listed(std::span<const std::string_view> choices) {
  std::string out;
  for (const std::string_view choice : choices) out += (out.empty() ? "\"" : ", \"") + std::string(choice) + '"';
  return out;
}

std::string quoted(std::string_view text) {
  return '"' + std::string(text.substr(0, 64)) + (text.size() > 64 ? "...\"" : "\"");
}

}  // namespace

void Reader::read(const Node& table, const Options& options, const std::string& where,
                  std::initializer_list<std::string_view> also) {
  std::vector<std::string> known(also.begin(), also.end());
  for (const Option& option : options) known.emplace_back(option.name);
  for (const Member& member : table.members) {
    const auto option =
        std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.name == member.key; });
    if (option != options.end()) {
      assign(member, *option, where);
    } else if (std::find(also.begin(), also.end(), member.key) == also.end()) {
      unknown(member, known, where);
    }
  }
  for (const Option& option : options) {
    if (!option.rule.required || partial_ || table.find(option.name) != nullptr) continue;
    problems_.error(table.place, where + ": `" + std::string(option.name) + "` is missing");
  }
}

void Reader::assign(const Member& from, const Option& option, const std::string& where) {
  const Spot spot{from.value, option, where + ' ' + std::string(option.name)};
  std::visit([&](auto* to) { put(spot, *to); }, option.slot);
}

void Reader::unknown(const Member& member, const std::vector<std::string>& known, const std::string& where) {
  const std::string name = member.key.size() > 64 ? member.key.substr(0, 64) + "..." : member.key;
  problems_.error(member.place,
                  where + (where.empty() ? "" : " ") + name + ": unknown option" + did_you_mean(member.key, known));
}

const Node* Reader::table(const Member* member, const std::string& where) {
  if (member == nullptr) return nullptr;
  if (member->value.kind == Node::Kind::table) return &member->value;
  const bool doubled = member->value.kind == Node::Kind::array && !member->value.items.empty() &&
                       member->value.items[0].kind == Node::Kind::table;
  problems_.error(member->place, doubled
                                     ? where + " stands once: write " + where + ", not [" + where + "]"
                                     : where + ": expected a table, got " + std::string(kind_name(member->value.kind)));
  return nullptr;
}

const Node* Reader::tables(const Member* member, const std::string& where) {
  if (member == nullptr) return nullptr;
  const Node& node = member->value;
  if (node.kind == Node::Kind::table) {
    problems_.error(member->place, "[" + member->key + "]: write " + where + ", one table for each");
    return nullptr;
  }
  if (node.kind != Node::Kind::array) {
    problems_.error(member->place, where + ": expected tables, got " + std::string(kind_name(node.kind)));
    return nullptr;
  }
  for (const Node& item : node.items) {
    if (item.kind == Node::Kind::table) continue;
    problems_.error(item.place, where + ": expected a table, got " + std::string(kind_name(item.kind)));
    return nullptr;
  }
  return &node;
}

void Reader::wrong(const Spot& spot, const Node& node, const std::string& what) {
  problems_.error(node.place, spot.name + ": " + what);
}

bool Reader::is(const Spot& spot, Node::Kind kind, std::string_view wanted) {
  if (spot.node.kind == kind) return true;
  wrong(spot, spot.node, "expected " + std::string(wanted) + ", got " + std::string(kind_name(spot.node.kind)));
  return false;
}

bool Reader::in_range(const Spot& spot, double value, const std::string& written) {
  const Rule& rule = spot.option.rule;
  if (value >= rule.low && value <= rule.high) return true;
  wrong(spot, spot.node, "must be " + plain_number(rule.low) + ".." + plain_number(rule.high) + ", got " + written);
  return false;
}

void Reader::put(const Spot& spot, bool& to) {
  if (is(spot, Node::Kind::boolean, "true or false")) to = spot.node.boolean;
}

void Reader::put(const Spot& spot, int& to) {
  if (is(spot, Node::Kind::boolean, "true or false")) to = spot.node.boolean ? 1 : 0;
}

void Reader::put(const Spot& spot, std::int64_t& to) {
  if (!is(spot, Node::Kind::integer, "an integer")) return;
  if (in_range(spot, static_cast<double>(spot.node.integer), std::to_string(spot.node.integer))) to = spot.node.integer;
}

void Reader::put(const Spot& spot, double& to) {
  const bool whole = spot.node.kind == Node::Kind::integer;
  if (!whole && !is(spot, Node::Kind::real, "a number")) return;
  const double value = whole ? static_cast<double>(spot.node.integer) : spot.node.real;
  if (in_range(spot, value, plain_number(value))) to = value;  // nan is in no range
}

void Reader::put(const Spot& spot, std::string& to) {
  if (is(spot, Node::Kind::text, "a string")) text(spot, spot.node, to);
}

void Reader::put(const Spot& spot, Strings& to) {
  to.clear();
  std::string one;
  if (spot.node.kind == Node::Kind::text) {  // a lone string is a list of one
    if (text(spot, spot.node, one)) to.push_back(std::move(one));
    return;
  }
  if (!is(spot, Node::Kind::array, "a string or an array of strings")) return;
  if (spot.node.items.size() > kListMax)
    return wrong(spot, spot.node, "has more than " + std::to_string(kListMax) + " elements");
  for (const Node& item : spot.node.items) {
    one.clear();
    if (item.kind != Node::Kind::text) {
      wrong(spot, item, "expected a string, got " + std::string(kind_name(item.kind)));
    } else if (text(spot, item, one)) {
      if (std::find(to.begin(), to.end(), one) != to.end()) {
        wrong(spot, item, quoted(item.text) + " stands there twice");
      } else {
        to.push_back(one);
      }
    }
  }
}

void Reader::put(const Spot& spot, HeaderMap& to) {
  if (!is(spot, Node::Kind::table, "a table of strings")) return;
  for (const Member& member : spot.node.members) {
    const Spot field{member.value, spot.option, spot.name + '.' + member.key.substr(0, 64)};
    if (!is(field, Node::Kind::text, "a string")) continue;
    std::string value = member.value.text;
    if (!is_plain_secret(value) && !secret(field, member.value, value)) continue;
    const std::string mistake = header_mistake(member.key, value);
    if (mistake.empty()) {
      to[member.key] = value;
    } else {
      problems_.error(member.place, field.name + ": " + mistake);
    }
  }
}

void Reader::put(const Spot& spot, Points& to) {
  if (!is(spot, Node::Kind::table, "a table of numbers")) return;
  for (const Member& member : spot.node.members) {
    const Spot word{member.value, spot.option, spot.name + '.' + member.key.substr(0, 64)};
    put(word, to[member.key]);
  }
}

bool Reader::secret(const Spot& spot, const Node& node, std::string& to) {
  Result<std::string> found = find_secret(node.text, problems_.folder(node.place.file));
  if (!found) {
    wrong(spot, node, found.error().detail);
    return false;
  }
  if (is_plain_secret(node.text)) {
    problems_.warn(node.place, spot.name + ": a secret in the file itself; better \"env:NAME\" or \"file:PATH\"");
    warn_of_mode(node.place.file);
  }
  to = std::move(*found);
  secret_register(to);
  return true;
}

// Once for each file that a secret stands in (reliability.md X8).
void Reader::warn_of_mode(int file) {
  if (std::find(looked_at_.begin(), looked_at_.end(), file) != looked_at_.end()) return;
  looked_at_.push_back(file);
  const std::string& path = problems_.sources()[static_cast<std::size_t>(file)].path;
  const std::string mode = open_mode(path);
  if (mode.empty()) return;
  problems_.warn({0, 0, file}, "there is a secret in it, and others than its owner may use the file (mode " + mode +
                                   "); chmod 600 " + path);
}

// One string: into `to` when it is right, a problem otherwise.
bool Reader::text(const Spot& spot, const Node& node, std::string& to) {
  const Rule& rule = spot.option.rule;
  const std::string folder = problems_.folder(node.place.file);
  if (!rule.choices.empty()) {
    if (std::find(rule.choices.begin(), rule.choices.end(), node.text) != rule.choices.end()) {
      to = node.text;
      return true;
    }
    const std::vector<std::string> known(rule.choices.begin(), rule.choices.end());
    wrong(spot, node,
          "must be " + (known.size() > 1 ? "one of " : std::string()) + listed(rule.choices) + ", got " +
              quoted(node.text) + did_you_mean(node.text, known));
    return false;
  }
  if (rule.form == Form::secret) return secret(spot, node, to);
  const bool may_be_empty = rule.form == Form::name || rule.form == Form::model || rule.form == Form::path;
  to = node.text;
  if (to.empty() && may_be_empty && !rule.required && &node == &spot.node) return true;  // as good as left out
  if (const std::string mistake = form_mistake(rule.form, node.text); !mistake.empty()) {
    const bool shown = !node.text.empty() && node.text.size() <= 64 && !has_control(node.text);
    wrong(spot, node, mistake + (shown ? ", got " + quoted(node.text) : ""));
    to.clear();
    return false;
  }
  const bool place = rule.form == Form::path || rule.form == Form::place;
  if (place || (rule.form == Form::log && to != "stdout" && to != "off")) to = resolve_path(to, folder);
  if (rule.form == Form::store && to.starts_with("sqlite:")) to = "sqlite:" + resolve_path(node.text.substr(7), folder);
  if (rule.form != Form::path || to.empty()) return true;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(to.c_str(), "re"), std::fclose);
  if (file == nullptr) wrong(spot, node, "cannot read " + to);
  return file != nullptr;
}

}  // namespace spillway
