// An object as a JSON schema wants it, for the synthetic provider's behaviour `json`. Pure.
#pragma once
#include <string>

#include "json/scan.h"

namespace spillway {

// Every property that is named, each with the first thing that fits; of no schema: {"answer":"mock"}. What a schema
// says beyond types, enumerations, properties and items (formats, bounds, references) is not minded.
std::string mock_json_like(const JsonValue& schema);

}  // namespace spillway
