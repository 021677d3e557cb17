#pragma once
// Rows of a file, one a change of a ticket, as tickets with their past. Pure: the same file and mapping give the same tickets.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "steward/complaints/v1/complaints_service.pb.h"
#include "tools/stewardctl/csv.h"
#include "tools/stewardctl/demo_mapping.h"

namespace stewardctl {

// Something that cannot be read, and where.
struct BadRow {
  int line = 0;
  std::string field;  // the column
  std::string reason;
};

struct PastTicket {
  struct Fact {
    std::string type;
    steward::Time at;  // as in the file
    std::string cause = {}, owner = {}, team = {};
  };
  int line = 0;  // of its first row
  std::string number, channel, severity, team, owner, summary;
  steward::Time raised;
  std::vector<Fact> facts;
  bool left_open = false;  // one of the last to close: told only up to its solution
};

struct History {
  std::vector<PastTicket> tickets;  // in the order of the file
  std::vector<BadRow> bad_rows;
  int left_out =
      0;  // tickets with a bad row: not registered, so that they can be once the file is mended
  int moved_rows = 0;  // they lie before the row that they follow; told at its time
  steward::Time first, last;
};

// INVALID_ARGUMENT when a column that the mapping names is not there, or no row can be read.
absl::StatusOr<History> ReadHistory(const Csv& csv, const Mapping& mapping);

// The call that registers it, `shift` later. Without `verified`, for kinds that close without verification.
steward::complaints::v1::RegisterTicketRequest ToRequest(const PastTicket& ticket,
                                                         const std::string& kind,
                                                         steward::Duration shift, bool verified);

}  // namespace stewardctl
