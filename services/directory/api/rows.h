#pragma once
// Small steps that the handlers share.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/status.h"
#include "services/directory/api/mapping.h"

namespace steward::directory {

// The one row that was asked for, or NOT_FOUND.
template <class Row>
absl::StatusOr<Row> OnlyRow(std::vector<Row> rows, std::string_view name) {
  if (rows.empty()) {
    return NotFound(name);
  }
  return std::move(rows.front());
}

// Stale is ABORTED; empty is not checked.
template <class Row>
absl::Status CheckEtag(const Row& row, const std::string& etag) {
  if (etag.empty() || etag == Etag(row.version)) {
    return absl::OkStatus();
  }
  return EtagMismatch(row.name.value, Etag(row.version));
}

// For a create: nothing has that name yet.
template <class Row>
absl::Status CheckAbsent(const std::vector<Row>& rows, std::string_view name) {
  if (rows.empty()) {
    return absl::OkStatus();
  }
  return Refuse(absl::StatusCode::kAlreadyExists, std::string(name) + " exists already",
                Refusal{"ALREADY_EXISTS", {{"name", std::string(name)}}, {}, std::nullopt});
}

}  // namespace steward::directory
