#pragma once
// Leads of the API to domain types and back. Faults answer INVALID_ARGUMENT naming every field.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/eventing/journal.h"
#include "services/leads/storage/lead_store.h"
#include "steward/leads/v1/lead_pool_service.pb.h"

namespace steward::leads {

namespace pb = steward::leads::v1;

// The id of `leads/{uuid}`.
absl::StatusOr<Uuid> ParseLeadName(std::string_view field, std::string_view name);

// One intake with its assignment as it was asked for.
struct Intake {
  LeadData draft;
  LeadPerson person;
  std::optional<Time> occurred_at;
  std::string rule, owner;  // at most one
};
// `path` stands before the field names.
absl::StatusOr<Intake> FromProto(const std::string& phone_region,
                                 const pb::CreateLeadRequest& request, const std::string& path);

// `recycle_days` as the setting.
void ToProto(const StoredLead& from, int recycle_days, pb::Lead* to);
void ToProto(const Choice& from, pb::LeadChoice* to);

struct LeadListQuery {
  LeadFilter filter;
  bool nothing = false;  // two values asked of one field
  LeadOrder order;
};
absl::StatusOr<LeadListQuery> ParseLeadListQuery(std::string_view filter,
                                                 std::string_view order_by);

// One row of a lead's journal as people read it. INTERNAL when the payload does not parse.
absl::StatusOr<pb::LeadChange> ChangeOf(const eventing::JournalRow& row, const LeadNotes& notes);

}  // namespace steward::leads
