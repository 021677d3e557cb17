#include "libs/eventing/relay_checks.h"

#include <algorithm>
#include <cstdlib>

#include "libs/base/status.h"
#include "libs/eventing/envelope.h"
#include "libs/eventing/reconcile.h"
#include "libs/log/log.h"

namespace steward::eventing {
namespace {

// Short enough that the owner of the lock still speaks in time between two calls.
constexpr Duration kCallTimeout = Seconds(2);

std::string Place(const std::string& topic, int partition) {
  return topic + "/" + std::to_string(partition);
}

// Where the last record of a partition stands in the journal.
struct Last {
  bool empty = false;    // the partition holds nothing
  bool foreign = false;  // somebody else's record, or one that an operator accepted
  Position at;
};

absl::StatusOr<Last> CheckLast(kafka::Admin& admin, RelaySession& session,
                               const RelayOptions& options, int partition) {
  ASSIGN_OR_RETURN(const auto record, admin.ReadLast(options.topic, partition, kCallTimeout));
  RETURN_IF_ERROR(session.Speak());
  if (!record) {
    return Last{.empty = true, .foreign = false, .at = {}};
  }
  const std::string place =
      Place(options.topic, partition) + " at " + std::to_string(record->offset);
  ASSIGN_OR_RETURN(const Verdict verdict, Judge(session, options, *record));
  if (verdict.kind == Verdict::Kind::kKnown) {
    return Last{.empty = false, .foreign = false, .at = verdict.at};
  }
  if (verdict.kind == Verdict::Kind::kUnknown) {
    ASSIGN_OR_RETURN(const bool accepted, IsAccepted(options, *record));
    RETURN_IF_ERROR(session.Speak());
    if (!accepted) {
      return absl::FailedPreconditionError(
          "the last record of " + place +
          (verdict.why == "other_bytes" ? " has other bytes than the journal"
                                        : " is not in the journal: the database was restored"));
    }
  }
  log::Warning(verdict.kind == Verdict::Kind::kForeign ? "foreign record in the topic"
                                                       : "accepted unknown record in the topic",
               {{"place", place}});
  return Last{.empty = false, .foreign = true, .at = {}};
}

}  // namespace

absl::StatusOr<Verdict> Judge(RelaySession& session, const RelayOptions& options,
                              const kafka::Record& record) {
  if (HeaderOf(record, "ce_source") != "/steward/" + options.service) {
    return Verdict{};
  }
  const auto id = Uuid::Parse(HeaderOf(record, "ce_id"));
  const int64_t version =
      std::strtoll(std::string(HeaderOf(record, "ce_sequence")).c_str(), nullptr, 10);
  std::optional<JournalMatch> match;
  if (id.ok() && record.key) {
    ASSIGN_OR_RETURN(match, session.Find(*id, *record.key, version));
  }
  if (!match) {
    return Verdict{Verdict::Kind::kUnknown, {}, "not_in_journal"};
  }
  if (match->payload != record.value) {
    return Verdict{Verdict::Kind::kUnknown, {}, "other_bytes"};
  }
  return Verdict{Verdict::Kind::kKnown, match->at, ""};
}

absl::Status CheckPartitionCount(kafka::Admin& admin, const RelayOptions& options) {
  ASSIGN_OR_RETURN(const auto counts, admin.Partitions({options.topic}, kCallTimeout));
  const auto found = counts.find(options.topic);
  if (found == counts.end()) {
    return absl::UnavailableError("topic " + options.topic + " does not exist yet");
  }
  if (found->second != options.partitions) {
    return absl::FailedPreconditionError(
        "topic " + options.topic + " has " + std::to_string(found->second) + " partitions, not " +
        std::to_string(options.partitions) + ": the order of keys depends on it");
  }
  return absl::OkStatus();
}

absl::StatusOr<Position> Reconcile(kafka::Admin& admin, RelaySession& session,
                                   const RelayOptions& options) {
  RETURN_IF_ERROR(CheckPartitionCount(admin, options));
  RETURN_IF_ERROR(session.Speak());
  ASSIGN_OR_RETURN(const std::string cluster, admin.ClusterId(kCallTimeout));
  RETURN_IF_ERROR(session.Speak());
  ASSIGN_OR_RETURN(const auto ranges, admin.Offsets(options.topic, kCallTimeout));
  RETURN_IF_ERROR(session.Speak());
  ASSIGN_OR_RETURN(const RelayCursor cursor, session.ReadCursor());
  RETURN_IF_ERROR(session.CheckIdentity(cursor));
  if (!cursor.kafka_cluster.empty() && cursor.kafka_cluster != cluster) {
    log::Warning("another Kafka cluster than before",
                 {{"before", cursor.kafka_cluster}, {"now", cluster}});
  }

  Position start = cursor.at;
  Ends ends;
  for (const auto& [partition, range] : ranges) {
    ends[{options.topic, partition}] = range.second;
    ASSIGN_OR_RETURN(const Last last, CheckLast(admin, session, options, partition));
    const auto acknowledged = cursor.acknowledged.find({options.topic, partition});
    if (acknowledged == cursor.acknowledged.end() || range.second >= acknowledged->second) {
      continue;
    }
    // Everything after the last record that is left is sent again. Two pages more, because records behind a refused
    // one may have landed before it.
    Position back;
    if (!last.empty && !last.foreign) {
      ASSIGN_OR_RETURN(back, session.StepBack(last.at, int64_t{2} * options.page));
    }
    start = std::min(start, back);
    log::Warning("Kafka lost acknowledged records; going back",
                 {{"partition", Place(options.topic, partition)},
                  {"acknowledged", acknowledged->second},
                  {"end", range.second},
                  {"xid", static_cast<int64_t>(back.xid)}});
  }
  if (start != cursor.at || cursor.kafka_cluster != cluster || !cursor.system_identifier) {
    RETURN_IF_ERROR(session.Adopt(cursor, start, cluster, ends));
  }
  return start;
}

}  // namespace steward::eventing
