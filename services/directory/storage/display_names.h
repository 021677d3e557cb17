#pragma once
// Names by language as two columns; '' = no name in that language.

#include <string>

#include "services/directory/domain/names.h"

namespace steward::directory {

inline DisplayNames FromColumns(const std::string& en, const std::string& zh) {
  DisplayNames names;
  if (!en.empty()) {
    names["en"] = en;
  }
  if (!zh.empty()) {
    names["zh-Hans"] = zh;
  }
  return names;
}

inline std::string NameIn(const std::string& language, const DisplayNames& names) {
  const auto found = names.find(language);
  return found == names.end() ? "" : found->second;
}

}  // namespace steward::directory
