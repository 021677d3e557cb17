#pragma once
// Protobuf to domain types and back. Faults answer INVALID_ARGUMENT naming every field.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/complaints/domain/kind_tree.h"
#include "services/complaints/domain/ticket.h"
#include "services/complaints/storage/note_store.h"
#include "services/complaints/storage/ticket_store.h"
#include "steward/complaints/v1/complaints_service.pb.h"

namespace steward::complaints {

namespace pb = steward::complaints::v1;

absl::StatusOr<Uuid> ParseTicketName(std::string_view field, std::string_view name);
std::optional<Time> OptionalTime(bool given, const google::protobuf::Timestamp& time);
// `"7"`, quotes included.
std::string EtagOf(int64_t version);

// What an intake gave.
struct Intake {
  TicketData draft;  // without id, times and state
  TicketText text;
  std::optional<Time> occurred_at;
  std::vector<PastFact> past_facts;  // at most 500
};
absl::StatusOr<Intake> FromProto(const pb::RegisterTicketRequest& request);

void ToProto(const StoredTicket& from, pb::Ticket* to);
void ToProto(const Note& from, pb::TicketNote* to);
void ToProto(const Kind& from, pb::TicketKind* to);

// A reason, an owner and so on of a command. Empty is allowed.
absl::Status CheckReason(std::string_view reason);
absl::Status CheckOptionalName(std::string_view field, std::string_view collection,
                               std::string_view name);

struct ListQuery {
  TicketFilter filter;
  bool nothing = false;  // two values asked of one field
  TicketOrder order;
};
absl::StatusOr<ListQuery> ParseListQuery(std::string_view filter, std::string_view order_by);

}  // namespace steward::complaints
