#pragma once
// YAML or JSON files as messages, in the JSON form of protobuf (snake_case or camelCase).

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace stewardctl {

// YAML (of which JSON is a part) as JSON text. Scalars become JSON strings, which protobuf reads as
// whatever the field is, so that `seed: 003` stays `003`; an unquoted null is null.
// INVALID_ARGUMENT names line and column, also of a key given twice.
absl::StatusOr<std::string> YamlToJson(const std::string& yaml);

// A field that the message does not have is an error that names it.
[[nodiscard]] absl::Status JsonToMessage(const std::string& json,
                                         google::protobuf::Message* message);

// Both, for one file; errors begin with its name.
[[nodiscard]] absl::Status ReadMessageFile(const std::string& file,
                                           google::protobuf::Message* message);

// A map at the top of a YAML text: key and its value as JSON, in order.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> YamlTopLevel(
    const std::string& yaml);
// The elements of a JSON array, each as JSON text.
absl::StatusOr<std::vector<std::string>> JsonElements(const std::string& json);

}  // namespace stewardctl
