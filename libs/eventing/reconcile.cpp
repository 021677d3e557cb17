#include "libs/eventing/reconcile.h"

#include <algorithm>
#include <cstdlib>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/eventing/envelope.h"
#include "libs/eventing/relay_checks.h"
#include "libs/eventing/relay_session.h"
#include "libs/kafka/range.h"
#include "libs/log/log.h"

namespace steward::eventing {
namespace {

constexpr Duration kCallTimeout = Seconds(2);
constexpr Duration kReadTimeout = Seconds(10);  // a connection of its own, and up to kChunk records
constexpr int64_t kChunk = 500;
constexpr size_t kMaxUnknown = 5000;

constexpr pg::Statement kUnreachable = {
    "outbox_unreachable",
    "SELECT count(*) FROM journal j WHERE j.xid >= pg_snapshot_xmax(pg_current_snapshot())"};
constexpr pg::Statement kDecisions = {
    "outbox_decisions",
    "SELECT d.choice, d.decided_by, d.reason, d.refusal, d.decide_time, d.records "
    "FROM journal_decision d ORDER BY d.id DESC LIMIT 20"};
constexpr pg::Statement kDecided = {
    "outbox_decided", "SELECT EXISTS (SELECT 1 FROM journal_decision d WHERE d.request_id = $1)"};
constexpr pg::Statement kDecide = {
    "outbox_decide",
    "INSERT INTO journal_decision (choice, decided_by, reason, refusal, from_xid, from_seq, "
    "records, request_id) SELECT $1, $2, $3, $4, c.xid, c.seq, $5, $6 FROM journal_cursor c "
    "RETURNING id"};
constexpr pg::Statement kAccept = {
    "outbox_accept",
    "INSERT INTO journal_accepted (topic, partition, record_offset, event_id, decision) "
    "SELECT $1, r.partition, r.record_offset, r.event_id, $5 "
    "FROM unnest($2::integer[], $3::bigint[], $4::text[]) AS r(partition, record_offset, event_id) "
    "ON CONFLICT DO NOTHING"};
constexpr pg::Statement kIsAccepted = {
    "outbox_is_accepted",
    "SELECT EXISTS (SELECT 1 FROM journal_accepted a WHERE a.topic = $1 AND a.partition = $2 "
    "AND a.record_offset = $3 AND a.event_id = $4)"};
constexpr pg::Statement kToBeginning = {
    "outbox_rewind",
    "UPDATE journal_cursor c SET xid = '0', seq = 0, system_identifier = "
    "(SELECT s.system_identifier FROM pg_control_system() s), move_time = clock_timestamp()"};

absl::StatusOr<bool> IsAccepted(pg::Connection& connection, const kafka::Record& record) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   connection.Run(kIsAccepted, pg::Params()
                                                   .Add(record.topic)
                                                   .Add(record.partition)
                                                   .Add(record.offset)
                                                   .Add(HeaderOf(record, "ce_id"))));
  return result.Bool(0, 0);
}

// One look; keeps the first refusal.
class Check {
 public:
  Check(const RelayOptions& options, RelaySession& session, pg::Connection& connection)
      : options_(options), session_(session), connection_(connection) {}

  absl::StatusOr<OutboxCheck> Run() {
    RETURN_IF_ERROR(Refusal(session_.CheckPrepared()));
    ASSIGN_OR_RETURN(cursor_, session_.ReadCursor());
    RETURN_IF_ERROR(CheckIdentity());
    ASSIGN_OR_RETURN(admin_, kafka::Admin::Create(options_.kafka));
    RETURN_IF_ERROR(Refusal(CheckPartitionCount(*admin_, options_)));
    ASSIGN_OR_RETURN(result_.kafka_cluster, admin_->ClusterId(kCallTimeout));
    result_.kafka_cluster_before = cursor_.kafka_cluster;
    ASSIGN_OR_RETURN(const auto ranges, admin_->Offsets(options_.topic, kCallTimeout));
    for (const auto& [partition, range] : ranges) {
      const auto known = cursor_.acknowledged.find({options_.topic, partition});
      if (known != cursor_.acknowledged.end() && range.second < known->second) {
        result_.lost.push_back({partition, known->second, range.second});
      }
      RETURN_IF_ERROR(CheckPartition(partition, range.first, range.second));
    }
    if (result_.refusal.empty() && !result_.unknown.empty()) {
      result_.refusal =
          "Kafka holds records of this service that its journal does not know: the database was "
          "restored to an earlier state";
      result_.choices = {kAcceptUnknown};
    }
    RETURN_IF_ERROR(ReadDecisions());
    result_.etag = Etag();
    return std::move(result_);
  }

 private:
  // FAILED_PRECONDITION is what the relay would refuse for.
  absl::Status Refusal(const absl::Status& status) {
    if (status.code() != absl::StatusCode::kFailedPrecondition) {
      return status;
    }
    if (result_.refusal.empty()) {
      result_.refusal = std::string(FromAbsl(status.message()));
    }
    return absl::OkStatus();
  }

  // A journal whose transaction ids lie ahead cannot be published at all: going back would not help.
  absl::Status CheckIdentity() {
    const bool refused = !result_.refusal.empty();
    RETURN_IF_ERROR(Refusal(session_.CheckIdentity(cursor_)));
    if (refused || result_.refusal.empty()) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const pg::Result rows, connection_.Run(kUnreachable));
    if (const int64_t ahead = rows.Int(0, 0); ahead > 0) {
      result_.refusal += "; " + std::to_string(ahead) +
                         " rows of the journal bear transaction ids that this database has not "
                         "reached: raise its next transaction id first (pg_resetwal)";
    } else {
      result_.choices = {kRewind};
    }
    return absl::OkStatus();
  }

  // From the end backwards, until a record of our own is known.
  absl::Status CheckPartition(int partition, int64_t begin, int64_t end) {
    ASSIGN_OR_RETURN(const auto last, admin_->ReadLast(options_.topic, partition, kCallTimeout));
    bool known = !last;
    if (last) {
      RETURN_IF_ERROR(Look(*last, nullptr, &known));
    }
    std::vector<UnknownRecord> found;
    while (!known && end > begin && result_.unknown.size() + found.size() < kMaxUnknown) {
      const int64_t from = std::max(begin, end - kChunk);
      ASSIGN_OR_RETURN(auto records, kafka::ReadRange(options_.kafka, options_.topic, partition,
                                                      from, end, kReadTimeout));
      std::reverse(records.begin(), records.end());
      for (const kafka::Record& record : records) {
        RETURN_IF_ERROR(Look(record, &found, &known));
        if (known) {
          break;
        }
      }
      end = from;
    }
    result_.more_unknown = result_.more_unknown || (!known && end > begin);
    result_.unknown.insert(result_.unknown.end(), found.rbegin(), found.rend());
    return absl::OkStatus();
  }

  absl::Status Look(const kafka::Record& record, std::vector<UnknownRecord>* found, bool* known) {
    ASSIGN_OR_RETURN(const Verdict verdict, Judge(session_, options_, record));
    *known = verdict.kind == Verdict::Kind::kKnown;
    if (verdict.kind != Verdict::Kind::kUnknown) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const bool accepted, IsAccepted(connection_, record));
    if (found != nullptr && !accepted) {
      found->push_back(
          {record.partition, record.offset, record.timestamp, record.key.value_or(""),
           std::string(HeaderOf(record, "ce_id")), std::string(HeaderOf(record, "ce_type")),
           std::strtoll(std::string(HeaderOf(record, "ce_sequence")).c_str(), nullptr, 10),
           verdict.why});
    }
    return absl::OkStatus();
  }

  absl::Status ReadDecisions() {
    ASSIGN_OR_RETURN(const pg::Result rows, connection_.Run(kDecisions));
    for (int i = 0; i < rows.rows(); ++i) {
      result_.decisions.push_back({rows.Text(i, 0), rows.Text(i, 1), rows.Text(i, 2),
                                   rows.Text(i, 3), rows.Timestamp(i, 4), rows.Int(i, 5)});
    }
    return absl::OkStatus();
  }

  std::string Etag() const {
    std::string all = result_.refusal + "|" + std::to_string(cursor_.at.xid) + "|" +
                      std::to_string(cursor_.at.seq) + "|" + result_.kafka_cluster;
    for (const UnknownRecord& record : result_.unknown) {
      all += "|" + std::to_string(record.partition) + "/" + std::to_string(record.offset) + "/" +
             record.event_id;
    }
    return "\"" + std::to_string(StableHash(all)) + "\"";
  }

  const RelayOptions& options_;
  RelaySession& session_;
  pg::Connection& connection_;
  std::unique_ptr<kafka::Admin> admin_;
  RelayCursor cursor_;
  OutboxCheck result_;
};

absl::Status Decide(pg::Tx& tx, const RelayOptions& options, const OutboxCheck& check,
                    const OutboxChoice& chosen) {
  const bool accept = chosen.choice == kAcceptUnknown;
  const auto records = static_cast<int64_t>(accept ? check.unknown.size() : 0);
  ASSIGN_OR_RETURN(const pg::Result decision, tx.Run(kDecide, pg::Params()
                                                                  .Add(chosen.choice)
                                                                  .Add(chosen.decided_by)
                                                                  .Add(chosen.reason)
                                                                  .Add(check.refusal)
                                                                  .Add(records)
                                                                  .Add(chosen.request_id)));
  if (!accept) {
    tx.Queue(kToBeginning);
    return absl::OkStatus();
  }
  std::vector<int32_t> partitions;
  std::vector<int64_t> offsets;
  std::vector<std::string> event_ids;
  for (const UnknownRecord& record : check.unknown) {
    partitions.push_back(record.partition);
    offsets.push_back(record.offset);
    event_ids.push_back(record.event_id);
  }
  tx.Queue(kAccept, pg::Params()
                        .Add(options.topic)
                        .AddInt32s(partitions)
                        .AddInts(offsets)
                        .AddTexts(event_ids)
                        .Add(decision.Int(0, 0)));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OutboxCheck> CheckOutbox(const RelayOptions& options, metrics::Registry& registry) {
  ASSIGN_OR_RETURN(const auto session, RelaySession::Open(options.pg, registry));
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(options.pg, &registry));
  return Check(options, *session, *connection).Run();
}

absl::StatusOr<bool> IsAccepted(const RelayOptions& options, const kafka::Record& record) {
  ASSIGN_OR_RETURN(const auto connection, pg::Connection::Open(options.pg));
  return IsAccepted(*connection, record);
}

absl::Status ReconcileOutbox(pg::Connection& connection, const RelayOptions& options,
                             metrics::Registry& registry, const OutboxChoice& chosen) {
  ASSIGN_OR_RETURN(const pg::Result decided,
                   connection.Run(kDecided, pg::Params().Add(chosen.request_id)));
  if (decided.Bool(0, 0)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const OutboxCheck check, CheckOutbox(options, registry));
  if (check.etag != chosen.etag) {
    return EtagMismatch("outbox", check.etag);
  }
  if (std::find(check.choices.begin(), check.choices.end(), chosen.choice) == check.choices.end()) {
    return Refuse(absl::StatusCode::kFailedPrecondition,
                  "`" + chosen.choice + "` does not answer what keeps the relay: " +
                      (check.refusal.empty() ? "nothing does" : check.refusal),
                  {.reason = "CHOICE_NOT_OFFERED"});
  }
  RETURN_IF_ERROR(pg::RunInTx(connection, {.name = "outbox_reconcile"},
                              [&](pg::Tx& tx) { return Decide(tx, options, check, chosen); }));
  log::Warning("outbox reconciled", {{"choice", chosen.choice},
                                     {"by", chosen.decided_by},
                                     {"records", static_cast<int64_t>(check.unknown.size())},
                                     {"refusal", check.refusal}});
  return absl::OkStatus();
}

}  // namespace steward::eventing
