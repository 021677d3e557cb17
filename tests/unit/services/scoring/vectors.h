#pragma once
// Reads the cases of tests/vectors.

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "services/scoring/domain/decimal.h"

namespace steward::scoring::testing {

inline nlohmann::json LoadVectors(const std::string& file) {
  std::ifstream in(std::string(STEWARD_VECTORS) + "/" + file);
  EXPECT_TRUE(in.good()) << file;
  return nlohmann::json::parse(in);
}

// The decimal that the file spells.
inline Decimal AsDecimal(const nlohmann::json& number) {
  const std::string text = number.is_string() ? number.get<std::string>() : number.dump();
  return ParseDecimal("vector", text).value();
}
inline double AsDouble(Decimal value) { return static_cast<double>(value.scaled) / 1e6; }

}  // namespace steward::scoring::testing
