#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
#include "libs/config/setting.h"

namespace steward::config {
namespace {

// A list becomes `a,b`; false when the node is no value.
bool RawValue(const YAML::Node& node, std::string* raw) {
  if (node.IsScalar()) {
    *raw = node.Scalar();
    return true;
  }
  if (!node.IsSequence()) {
    return false;
  }
  raw->clear();
  for (const YAML::Node& element : node) {
    if (!element.IsScalar() || element.Scalar().find(',') != std::string::npos) {
      return false;
    }
    absl::StrAppend(raw, raw->empty() ? "" : ",", element.Scalar());
  }
  return true;
}

}  // namespace

std::map<std::string, std::string> ReadYaml(const std::string& path,
                                            std::vector<std::string>& errors) {
  std::map<std::string, std::string> values;
  try {
    YAML::Node root = YAML::LoadFile(path);
    if (!root.IsMap() && !root.IsNull()) {
      errors.push_back(absl::StrCat(path, ": is not a map of settings"));
      return values;
    }
    for (const auto& entry : root) {
      std::string raw;
      if (!entry.first.IsScalar()) {
        errors.push_back(absl::StrCat(path, ": a key is not text"));
      } else if (!RawValue(entry.second, &raw)) {
        errors.push_back(absl::StrCat(path, ": ", entry.first.Scalar(),
                                      ": is neither a value nor a list of values without commas"));
      } else if (!values.emplace(entry.first.Scalar(), raw).second) {
        errors.push_back(absl::StrCat(path, ": ", entry.first.Scalar(), ": is given twice"));
      }
    }
  } catch (const YAML::Exception& e) {
    errors.push_back(absl::StrCat(path, ": ", e.what()));
  }
  return values;
}

}  // namespace steward::config
