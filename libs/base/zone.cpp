#include "libs/base/zone.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "libs/base/status.h"

namespace steward {
namespace {

bool IsIanaName(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find("..") != std::string_view::npos ||
      name == "localtime" || name == "posixrules" || name.substr(0, 6) == "Fixed/") {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
}

}  // namespace

absl::StatusOr<absl::TimeZone> LoadZone(std::string_view field, std::string_view name) {
  absl::TimeZone zone;
  if (!IsIanaName(name) || !absl::LoadTimeZone(ToAbsl(name), &zone)) {
    return FieldInvalid(
        field, "'" + std::string(name) + "' is not a time zone, for example Asia/Shanghai");
  }
  return zone;
}

}  // namespace steward
