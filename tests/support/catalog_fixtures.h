// The catalogue fixtures and what an independent program computed from them (tests/fixtures/catalog/).
#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "catalog/model.h"

namespace spillway {

inline std::string fixture_text(const std::string& name) {
  std::ifstream in(std::string(SPW_SOURCE_DIR) + "/tests/fixtures/catalog/" + name);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

inline JsonValue fixture_json(const std::string& name) {
  Result<JsonValue> json = parse_json(fixture_text(name));
  EXPECT_TRUE(json) << name;
  return json ? std::move(*json) : JsonValue();
}

inline const JsonValue& expected() {
  static const JsonValue all = fixture_json("expected.json");
  return all;
}

inline Catalog fixture_catalog(const std::string& name = "models.json") {
  Result<Catalog> catalog = read_catalog(fixture_text(name));
  EXPECT_TRUE(catalog) << name;
  return catalog ? std::move(*catalog) : Catalog();
}

}  // namespace spillway
