// The rows of GET /admin/quota as a table for people. Pure.
#pragma once
#include <string>
#include <string_view>

namespace spillway {

std::string quota_table(std::string_view json);

}  // namespace spillway
