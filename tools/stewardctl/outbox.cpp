// stewardctl outbox: what keeps a relay from running, and choosing what is done about it.

#include <algorithm>

#include "libs/base/status.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/services.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {
namespace {

namespace pb = steward::operations::v1;

constexpr char kAccept[] = "accept_unknown";
constexpr char kRewind[] = "rewind";

// What there is to know, for people: the set, then the choices.
void Show(Session& session, const pb::OutboxCheck& check) {
  if (session.json()) {
    session.Print(check);
    return;
  }
  session.Write(check.refusal().empty()
                    ? "nothing keeps the relay from running\n"
                    : "the relay does not run: " + Printable(check.refusal()) + "\n");
  if (check.kafka_cluster() != check.kafka_cluster_before()) {
    session.Write("Kafka cluster " + check.kafka_cluster() + ", before " +
                  check.kafka_cluster_before() + "\n");
  }
  for (const auto& tail : check.lost_tails()) {
    session.Write("partition " + std::to_string(tail.partition()) + " ends at " +
                  std::to_string(tail.end_offset()) + ", acknowledged was " +
                  std::to_string(tail.acknowledged_offset()) + ": the relay goes back by itself\n");
  }
  if (check.unknown_records_size() > 0) {
    Table table;
    table.header = {"PARTITION", "OFFSET", "KEY", "VERSION", "TYPE", "EVENT", "WHY"};
    for (const auto& record : check.unknown_records()) {
      table.rows.push_back({std::to_string(record.partition()), std::to_string(record.offset()),
                            record.key(), std::to_string(record.aggregate_version()), record.type(),
                            record.event_id(), record.reason()});
    }
    session.Print(table);
  }
  if (check.more_unknown_records()) {
    session.Write("there are earlier unknown records besides\n");
  }
  const auto offers = [&](const char* choice) {
    return std::find(check.choices().begin(), check.choices().end(), choice) !=
           check.choices().end();
  };
  if (offers(kAccept)) {
    session.Write(
        "choices: restore a newer state of the database; or --accept-unknown: these records stay "
        "in Kafka, where consumers have applied them, and what this database now gives the same "
        "keys and versions will be parked there as `diverged`\n");
  }
  if (offers(kRewind)) {
    session.Write(
        "choices: restore the database that the cursor is of; or --rewind: the whole journal is "
        "published again, and consumers ignore what they know\n");
  }
  for (const auto& made : check.decisions()) {
    session.Write("chosen before: " + made.choice() + " by " + made.member() + ", " +
                  std::to_string(made.records()) + " records: " + Printable(made.reason()) + "\n");
  }
}

absl::Status Reconcile(Session& session, const Args& args) {
  const std::string service = args.Text("service");
  if (FindService(service) == nullptr) {
    return steward::FieldInvalid("--service", "there are directory, complaints and sla");
  }
  const bool accept = args.Flag("accept-unknown"), rewind = args.Flag("rewind");
  if (accept && rewind) {
    return steward::FieldInvalid("--rewind", "choose one");
  }
  pb::OutboxCheck check;
  RETURN_IF_ERROR(
      session.Call(service + ".operations.CheckOutbox", pb::CheckOutboxRequest(), &check));
  if (!accept && !rewind) {
    Show(session, check);
    return absl::OkStatus();
  }
  if (!args.Has("reason")) {
    return steward::FieldInvalid("--reason", "is needed; it is kept with the choice");
  }
  pb::ReconcileOutboxRequest request;
  request.set_choice(accept ? kAccept : kRewind);
  request.set_etag(check.etag());
  request.set_reason(args.Text("reason"));
  RETURN_IF_ERROR(
      session.Confirm(accept ? "Accept " + std::to_string(check.unknown_records_size()) +
                                   " records that the journal of " + service + " does not know?"
                             : "Publish the whole journal of " + service + " again?"));
  RETURN_IF_ERROR(session.Call(service + ".operations.ReconcileOutbox", request, &check));
  Show(session, check);
  return absl::OkStatus();
}

}  // namespace

void AddOutbox(Tool& tool) {
  tool.Group("outbox", "The relay from a service's journal to Kafka.");
  tool.Add({"outbox reconcile",
            "Why a relay does not run, record by record, and the choices; with one, does it.",
            "stewardctl outbox reconcile --service complaints\n"
            "stewardctl outbox reconcile --service complaints --accept-unknown --reason 'restored "
            "the backup of Monday' --yes",
            {Option("service", "Whose relay.").Of(ServiceNames()).Needed(),
             Flag("accept-unknown", "Leave unknown records in Kafka and go on after them."),
             Flag("rewind", "Publish the whole journal again."),
             Option("reason", "Why; kept with the choice.")},
            Reconcile});
}

}  // namespace stewardctl
