#pragma once
// SQL of the funnel: what it is reckoned from.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/pg/connection.h"
#include "services/leads/domain/funnel.h"

namespace steward::leads {

// Gives `each` the entries taken of one opportunity of this version of a pipeline after the other, a page of them at a time, so that
// neither memory nor a statement's time grows with their number. `time_left` is asked before each page. The first error ends it.
[[nodiscard]] absl::Status ReadFunnelEntries(
    pg::Connection& db, const std::string& pipeline, int32_t version, AsOf as_of,
    const std::function<Duration()>& time_left,
    const std::function<absl::Status(const std::vector<FunnelEntry>&)>& each);

}  // namespace steward::leads
