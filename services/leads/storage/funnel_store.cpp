#include "services/leads/storage/funnel_store.h"

#include "libs/base/status.h"

namespace steward::leads {
namespace {

constexpr int64_t kPage = 5'000;  // opportunities

// Each opportunity of the page has a row, also one without an entry taken: the page's end shows.
#define PAGE(clock)                                                                              \
  "SELECT o.id, e.version, e.to_stage, e.occurred_at, e.recorded_at, e.owner, e.team, e.region " \
  "FROM (SELECT id FROM opportunity WHERE pipeline = $1::text AND "                              \
  "pipeline_version = $2::integer AND id > $3::uuid ORDER BY id LIMIT $4::bigint) o "            \
  "LEFT JOIN opportunity_entry e ON e.opportunity = o.id AND e." clock                           \
  " <= $5::timestamptz ORDER BY o.id, e.version"
constexpr pg::Statement kRecorded{"funnel_entries_recorded", PAGE("recorded_at")};
constexpr pg::Statement kOccurred{"funnel_entries_occurred", PAGE("occurred_at")};

FunnelEntry ReadEntry(const pg::Result& page, int row) {
  return {page.Uuid(row, 0),      page.Int(row, 1),  page.Text(row, 2), page.Timestamp(row, 3),
          page.Timestamp(row, 4), page.Text(row, 5), page.Text(row, 6), page.Text(row, 7)};
}

}  // namespace

absl::Status ReadFunnelEntries(
    pg::Connection& db, const std::string& pipeline, int32_t version, AsOf as_of,
    const std::function<Duration()>& time_left,
    const std::function<absl::Status(const std::vector<FunnelEntry>&)>& each) {
  const pg::Statement& statement = as_of.clock == FunnelClock::kRecorded ? kRecorded : kOccurred;
  Uuid after{};
  for (;;) {
    pg::Params params;
    params.Add(pipeline).Add(version).Add(after).Add(kPage).Add(as_of.at);
    ASSIGN_OR_RETURN(const pg::Result page, db.Run(statement, params, time_left()));
    int64_t opportunities = 0;
    for (int row = 0; row < page.rows(); ++opportunities) {
      after = page.Uuid(row, 0);
      std::vector<FunnelEntry> entries;
      for (; row < page.rows() && page.Uuid(row, 0) == after; ++row) {
        if (!page.IsNull(row, 1)) {
          entries.push_back(ReadEntry(page, row));
        }
      }
      RETURN_IF_ERROR(each(entries));
    }
    if (opportunities < kPage) {
      return absl::OkStatus();
    }
  }
}

}  // namespace steward::leads
