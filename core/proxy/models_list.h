// GET /v1/models from memory: the names clients may ask for, with what is known of who would answer. Thread: any.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/generation.h"

namespace spillway {

std::string models_json(const Generation& generation, const ClientKey* key);
// One of them; empty: there is none of that name, or the key may not use it.
std::string model_json(const Generation& generation, std::string_view model, const ClientKey* key);

// What is known of who would answer, for the lists of other APIs.
struct KnownModel {
  std::int64_t context = 0, output = 0;  // tokens; 0: not known
  bool tools = false, vision = false, format = false;
};
KnownModel known_of(const Route& route, const Generation& generation);

}  // namespace spillway
