#pragma once
// The shipped scorecards: files under cards/ in protobuf's text form, compiled in.

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/service/command.h"
#include "services/scoring/storage/definition_store.h"
#include "steward/scoring/v1/scorecards.pb.h"

namespace steward::scoring {

// INVALID_ARGUMENT with the file, and what is wrong in it: an unknown measure, a negative weight, an empty card, a KPI that is not there.
absl::StatusOr<std::vector<v1::CardFile>> ParseCards(
    const std::vector<std::pair<std::string_view, std::string_view>>& files);
absl::StatusOr<std::vector<v1::CardFile>> ShippedCards();

// Makes the versions that are not there yet: where a shipped definition is not what was shipped last, it is the next version. A version
// that somebody made in between stays the latest until the shipped one changes.
[[nodiscard]] absl::Status InstallCards(pg::Connection& db, const service::Env& env,
                                        const std::vector<v1::CardFile>& cards);

// Of a definition without version, time and creator.
std::string DigestOf(v1::Kpi kpi);
std::string DigestOf(v1::Scorecard card);

}  // namespace steward::scoring
