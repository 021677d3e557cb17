#include "libs/config/setting.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace steward::config {
namespace {

std::string IntegerKind(int64_t min, int64_t max) {
  std::string kind = "integer";
  if (min != INT64_MIN && max != INT64_MAX) {
    return absl::StrCat(kind, " ", min, " to ", max);
  }
  if (min != INT64_MIN) {
    return absl::StrCat(kind, " from ", min);
  }
  return max != INT64_MAX ? absl::StrCat(kind, " up to ", max) : kind;
}

std::string CheckClean(const std::string& raw) {
  return IsCleanUtf8(raw) ? "" : "is not UTF-8 text";
}

}  // namespace

std::string Setting::Flag() const {
  std::string flag = "--" + name;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string Setting::Variable(std::string_view prefix) const {
  return absl::StrCat(ToAbsl(prefix), absl::AsciiStrToUpper(name));
}

std::string Setting::Printable() const {
  bool secret = absl::StrContains(name, "password") || absl::StrContains(name, "secret");
  if (secret && !absl::EndsWith(name, "_file") && !show().empty()) {
    return "***";
  }
  return show();
}

Setting MakeText(std::string* value) {
  Setting setting;
  setting.kind = "text";
  setting.assign = [value](const std::string& raw) {
    *value = raw;
    return CheckClean(raw);
  };
  setting.show = [value] { return *value; };
  return setting;
}

Setting MakeInteger(int64_t* value, int64_t min, int64_t max) {
  Setting setting;
  setting.kind = IntegerKind(min, max);
  setting.assign = [value, min, max, kind = setting.kind](const std::string& raw) -> std::string {
    int64_t parsed = 0;
    if (!absl::SimpleAtoi(raw, &parsed) || parsed < min || parsed > max) {
      return absl::StrCat("\"", raw, "\" is not an ", kind);
    }
    *value = parsed;
    return "";
  };
  setting.show = [value] { return absl::StrCat(*value); };
  return setting;
}

Setting MakeSwitch(bool* value) {
  Setting setting;
  setting.kind = "true or false";
  setting.is_switch = true;
  setting.assign = [value](const std::string& raw) -> std::string {
    if (raw != "true" && raw != "false") {
      return absl::StrCat("\"", raw, "\" is not true or false");
    }
    *value = raw == "true";
    return "";
  };
  setting.show = [value] { return std::string(*value ? "true" : "false"); };
  return setting;
}

Setting MakeList(std::vector<std::string>* value) {
  Setting setting;
  setting.kind = "list, comma separated";
  setting.assign = [value](const std::string& raw) {
    value->clear();
    for (absl::string_view part : absl::StrSplit(raw, ',', absl::SkipWhitespace())) {
      value->emplace_back(absl::StripAsciiWhitespace(part));
    }
    return CheckClean(raw);
  };
  setting.show = [value] { return absl::StrJoin(*value, ","); };
  return setting;
}

std::string_view OriginName(Origin origin) {
  switch (origin) {
    case Origin::kDefault:
      return "default";
    case Origin::kFile:
      return "file";
    case Origin::kEnvironment:
      return "environment";
    case Origin::kFlag:
      return "flag";
  }
  return "default";
}

}  // namespace steward::config
