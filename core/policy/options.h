// A plugin's option table: checked once, and filled from [policy.NAME] by the rules of the core's own options, so that
// a foreign plugin gets the same messages.
#pragma once
#include <string>
#include <vector>

#include "policy/plugin.h"

namespace spillway {

// What is wrong with the table; empty: nothing. Fallbacks must parse and be in range.
std::string check_options(const spw_plugin& plugin);

// Fills policy.conf; problems carry the option's place, or `otherwise` when a required one is missing.
void fill_options(Policy& policy, const PolicyConfig& from, const Config& config, Place otherwise,
                  std::vector<Problem>& problems);

// [a-z0-9_]+ of at most 64 characters; read no further than that.
bool good_name(const char* name);

// " (did you mean x?)" or nothing.
std::string suggestion(const std::string& name, const std::vector<std::string>& known);

}  // namespace spillway
