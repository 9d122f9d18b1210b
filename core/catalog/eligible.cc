#include "catalog/eligible.h"

#include <algorithm>
#include <unordered_map>

#include "http/headers.h"

namespace spillway {

namespace {

using Is = Price::Is;

bool costs_nothing(const Price& price) { return price.is == Is::zero; }
bool unknown(const Price& price) { return price.is == Is::absent || price.is == Is::unusable; }
// float(value or "1") == 0: a JSON number 0 is falsy and becomes "1".
bool zero_as_text(const Price& price) { return price.quoted && costs_nothing(price); }

bool named_free(const CatalogModel& model) { return std::string_view(model.id).ends_with(":free"); }

bool whole_id(std::string_view id) {
  while (id.starts_with('/')) id.remove_prefix(1);
  while (id.ends_with('/')) id.remove_suffix(1);
  return id.find('/') != id.npos;
}

// "2026-12-31" and nothing else; dates in it compare as texts.
bool is_date(std::string_view text) {
  if (text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : (text[i] < '0' || text[i] > '9')) return false;
  }
  return true;
}

bool has_tools(const CatalogModel& model, const Eligibility& rules) {
  if (model.takes("tools") || (!rules.says_all && model.parameters.empty())) return true;
  return rules.old_tool_signs && (model.takes("tool_choice") || model.tool_use);
}

bool text_alone(const CatalogModel& model) { return model.outputs.size() == 1 && model.outputs[0] == "text"; }

bool author_out(const CatalogModel& model, const Eligibility& rules) {
  const std::size_t slash = model.id.find('/');
  return slash != model.id.npos && rules.authors_out.contains(model.id.substr(0, slash));
}

bool id_out(const CatalogModel& model, const Eligibility& rules) {
  const std::string_view id = model.id, base = id.substr(0, id.find(':'));
  if (rules.ids_out.contains(model.id)) return true;
  return std::any_of(rules.ends_out.begin(), rules.ends_out.end(),
                     [&](const std::string& end) { return id.ends_with(end) || base.ends_with(end); });
}

}  // namespace

bool is_free(const CatalogModel& model, FreeRule rule) {
  const Price &prompt = model.prompt, &completion = model.completion, &request = model.request;
  switch (rule) {
    case FreeRule::stated: return named_free(model) || (costs_nothing(prompt) && costs_nothing(completion));
    case FreeRule::home_ops: return named_free(model) || (zero_as_text(prompt) && zero_as_text(completion));
    case FreeRule::surfsense: return named_free(model) || (prompt.spelled == "0" && completion.spelled == "0");
    case FreeRule::llmrouter:
      if (named_free(model)) return true;
      if (unknown(prompt) && unknown(completion)) return false;
      return (unknown(prompt) || costs_nothing(prompt)) && (unknown(completion) || costs_nothing(completion));
    case FreeRule::any: return true;
    case FreeRule::project: break;
  }
  if (named_free(model))
    return prompt.is != Is::positive && completion.is != Is::positive && request.is != Is::positive;
  return costs_nothing(prompt) && costs_nothing(completion) && (request.is == Is::absent || costs_nothing(request));
}

std::string_view to_string(Unfit why) {
  switch (why) {
    case Unfit::blocked: return "blocked";
    case Unfit::bad_id: return "bad_id";
    case Unfit::no_tools: return "no_tools";
    case Unfit::not_free: return "not_free";
    case Unfit::context: return "context";
    case Unfit::not_text: return "not_text";
    case Unfit::meta_router: return "meta_router";
    case Unfit::expired: return "expired";
    case Unfit::duplicate: return "duplicate";
    case Unfit::not_text_only: return "not_text_only";
    case Unfit::provider: return "provider";
    case Unfit::excluded: return "excluded";
    case Unfit::no_pricing: return "no_pricing";
    case Unfit::extended: return "extended";
  }
  return "?";
}

Eligibility Eligibility::stated() {
  Eligibility rules;
  rules.free = FreeRule::stated;
  rules.whole_id = rules.one_per_name = false;
  rules.meta_routers.clear();
  return rules;
}

Eligibility Eligibility::home_ops() {
  Eligibility rules = stated();
  rules.free = FreeRule::home_ops;
  rules.old_tool_signs = true;
  rules.text = false;
  return rules;
}

Eligibility Eligibility::surfsense() {
  Eligibility rules;
  rules.free = FreeRule::any;
  rules.text = rules.one_per_name = false;
  rules.text_alone = true;
  rules.context_min = 100'000;
  rules.meta_routers.clear();
  rules.authors_out = {"amazon"};
  rules.ids_out = {
      "openai/gpt-4-1106-preview", "openai/gpt-4-turbo-preview",   "openai/gpt-4o:extended", "arcee-ai/virtuoso-large",
      "openai/o3-deep-research",   "openai/o4-mini-deep-research", "openrouter/free"};
  rules.ends_out = {"-deep-research"};
  return rules;
}

Eligibility Eligibility::synced() {
  Eligibility rules;
  rules.free = FreeRule::any;
  rules.tools = rules.text = rules.whole_id = rules.one_per_name = false;
  rules.context_min = 0;
  rules.meta_routers.clear();
  rules.priced = true;
  rules.extended_out = ExtendedRule::later;
  return rules;
}

std::set<std::string> read_blocklist(std::string_view text, bool exact) {
  std::set<std::string> ids;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    const bool named_free = normalized_id(line).size() < line.size();
    ids.insert(normalized_id(line) + (exact && named_free ? ":free" : ""));
  }
  return ids;
}

std::vector<Unfit> unfit(const CatalogModel& model, const Eligibility& rules) {
  std::vector<Unfit> why;
  const auto unless = [&](bool good, Unfit reason) {
    if (!good) why.push_back(reason);
  };
  unless(!rules.blocked.contains(normalized_id(model.id)), Unfit::blocked);
  unless(!rules.whole_id || whole_id(model.id), Unfit::bad_id);
  unless(!rules.tools || has_tools(model, rules), Unfit::no_tools);
  unless(is_free(model, rules.free), Unfit::not_free);
  unless(model.context >= rules.context_min || (!rules.says_all && model.context == 0), Unfit::context);
  unless(!rules.text || model.gives_text() || (!rules.says_all && model.outputs.empty()), Unfit::not_text);
  unless(!rules.text_alone || text_alone(model), Unfit::not_text_only);
  unless(!author_out(model, rules), Unfit::provider);
  unless(!id_out(model, rules), Unfit::excluded);
  unless(!rules.meta_routers.contains(model.id), Unfit::meta_router);
  unless(!rules.priced || model.has_pricing, Unfit::no_pricing);
  unless(!rules.extended_out || !is_extended(model.id, *rules.extended_out), Unfit::extended);
  unless(rules.today.empty() || !is_date(model.expires) || model.expires >= rules.today, Unfit::expired);
  return why;
}

Sieved sieve(const Catalog& catalog, const Eligibility& rules) {
  Sieved result;
  std::unordered_map<std::string, const CatalogModel*> named;
  for (const CatalogModel& model : catalog.models) {
    if (std::vector<Unfit> why = unfit(model, rules); !why.empty()) {
      result.others.emplace_back(&model, std::move(why));
      continue;
    }
    if (rules.one_per_name) {
      const auto [entry, first] = named.try_emplace(normalized_id(model.id), &model);
      if (!first && (!named_free(model) || named_free(*entry->second))) {
        result.others.emplace_back(&model, std::vector{Unfit::duplicate});
        continue;
      }
      if (!first) {
        std::erase(result.fit, entry->second);
        result.others.emplace_back(entry->second, std::vector{Unfit::duplicate});
        entry->second = &model;
      }
    }
    result.fit.push_back(&model);
  }
  return result;
}

}  // namespace spillway
