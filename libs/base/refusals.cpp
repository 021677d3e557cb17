#include "libs/base/refusals.h"

#include "libs/base/text.h"

namespace steward {

absl::Status Precondition(std::string_view reason, std::string_view message,
                          std::vector<std::pair<std::string, std::string>> metadata) {
  return Refuse(absl::StatusCode::kFailedPrecondition, message,
                {std::string(reason), std::move(metadata), {}, {}});
}

absl::Status NothingToChange(std::string_view field, std::string_view value) {
  return Precondition("NOTHING_TO_CHANGE",
                      "the " + std::string(field) + " is `" + std::string(value) + "` already",
                      {{"field", std::string(field)}, {"value", std::string(value)}});
}

absl::Status CheckRequired(std::string_view field, std::string_view text) {
  if (text.empty()) {
    return FieldInvalid(field, "is required");
  }
  return CheckText(field, text, 200);
}

}  // namespace steward
