// The answer of POST /admin/explain as a table for people. Pure.
#pragma once
#include <string>

#include "json/scan.h"

namespace spillway {

std::string explain_table(const JsonValue& answer);

}  // namespace spillway
