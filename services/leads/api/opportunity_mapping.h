#pragma once
// Opportunities between protobuf and the domain. Faults answer INVALID_ARGUMENT naming every field.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/identity/org.h"
#include "services/leads/domain/opportunity.h"
#include "services/leads/storage/opportunity_store.h"
#include "steward/leads/v1/opportunities_service.pb.h"

namespace steward::leads {

// The id of `opportunities/{uuid}`.
absl::StatusOr<Uuid> ParseOpportunityName(std::string_view field, std::string_view name);

// One to open.
struct OpportunityDraft {
  OpportunityData data;  // without pipeline version and times
  bool given = false;    // the id may be taken
  Uuid event_id;         // of its opening
  std::optional<Time> occurred_at;
  std::vector<PastMove> past_moves;
  std::vector<OpportunityNote> notes;  // to past moves
};
// Ids that are not given are made.
absl::StatusOr<OpportunityDraft> FromProto(const v1::CreateOpportunityRequest& request,
                                           IdGenerator& ids, Time now);
absl::StatusOr<std::vector<Proof>> FromProto(
    const google::protobuf::RepeatedPtrField<v1::Evidence>& from);

// Team and region of those responsible, where they are not given, as the directory has them: the owner's team (Org::TeamOf), and the
// region of the team or of the nearest above it that has one.
void FillFromDirectory(const identity::Org* org, Time now, const std::string& owner,
                       std::string& team, std::string& region);

void ToProto(const Pipeline& pipeline, const StoredOpportunity& from, v1::Opportunity* to);

struct OpportunityQuery {
  OpportunityFilter filter;
  bool nothing = false;  // two values asked of one field
  OpportunityOrder order;
};
absl::StatusOr<OpportunityQuery> ParseOpportunityQuery(std::string_view filter,
                                                       std::string_view order_by);

}  // namespace steward::leads
