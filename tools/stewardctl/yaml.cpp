#include "tools/stewardctl/yaml.h"

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <set>

#include "google/protobuf/util/json_util.h"
#include "libs/base/status.h"
#include "tools/stewardctl/context.h"

namespace stewardctl {
namespace {

using nlohmann::ordered_json;

constexpr int kMaxDepth = 64;

absl::Status At(const YAML::Mark& mark, const std::string& text) {
  const std::string where =
      "line " + std::to_string(mark.line + 1) + ", column " + std::to_string(mark.column + 1);
  return absl::InvalidArgumentError(steward::ToAbsl(where + ": " + text));
}

bool IsPlainNull(const YAML::Node& node) {
  return node.IsNull() || (node.Tag() == "?" && (node.Scalar() == "~" || node.Scalar() == "null"));
}

absl::StatusOr<ordered_json> Convert(const YAML::Node& node, int depth) {
  if (depth > kMaxDepth) {
    return At(node.Mark(), "nested too deeply");
  }
  if (node.IsMap()) {
    ordered_json object = ordered_json::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        return At(entry.first.Mark(), "a key must be plain text");
      }
      const std::string key = entry.first.Scalar();
      if (object.contains(key)) {
        return At(entry.first.Mark(), "`" + key + "` is given twice");
      }
      ASSIGN_OR_RETURN(object[key], Convert(entry.second, depth + 1));
    }
    return object;
  }
  if (node.IsSequence()) {
    ordered_json array = ordered_json::array();
    for (const YAML::Node& element : node) {
      ASSIGN_OR_RETURN(ordered_json value, Convert(element, depth + 1));
      array.push_back(std::move(value));
    }
    return array;
  }
  return IsPlainNull(node) ? ordered_json(nullptr) : ordered_json(node.Scalar());
}

absl::StatusOr<ordered_json> Parse(const std::string& yaml) {
  try {
    return Convert(YAML::Load(yaml), 0);
  } catch (const YAML::Exception& error) {
    return At(error.mark, error.msg);
  }
}

std::string Dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

absl::StatusOr<std::string> YamlToJson(const std::string& yaml) {
  ASSIGN_OR_RETURN(const ordered_json value, Parse(yaml));
  return Dump(value);
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> YamlTopLevel(
    const std::string& yaml) {
  ASSIGN_OR_RETURN(const ordered_json root, Parse(yaml));
  if (!root.is_object()) {
    return absl::InvalidArgumentError("is no map");
  }
  std::vector<std::pair<std::string, std::string>> entries;
  for (const auto& [key, value] : root.items()) {
    entries.emplace_back(key, value.is_string() ? value.get<std::string>() : Dump(value));
  }
  return entries;
}

absl::StatusOr<std::vector<std::string>> JsonElements(const std::string& json) {
  const ordered_json array = ordered_json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!array.is_array()) {
    return absl::InvalidArgumentError("is no list");
  }
  std::vector<std::string> elements;
  for (const ordered_json& element : array) {
    elements.push_back(Dump(element));
  }
  return elements;
}

absl::Status JsonToMessage(const std::string& json, google::protobuf::Message* message) {
  const auto status = google::protobuf::util::JsonStringToMessage(json, message);
  if (!status.ok()) {
    const auto text = status.message();
    return absl::InvalidArgumentError(steward::ToAbsl(message->GetDescriptor()->name() + ": " +
                                                      std::string(text.data(), text.size())));
  }
  return absl::OkStatus();
}

absl::Status ReadMessageFile(const std::string& file, google::protobuf::Message* message) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  const auto json = YamlToJson(text);
  const absl::Status status = json.ok() ? JsonToMessage(*json, message) : json.status();
  return status.ok() ? status
                     : absl::InvalidArgumentError(
                           steward::ToAbsl(file + ": " + std::string(status.message())));
}

}  // namespace stewardctl
