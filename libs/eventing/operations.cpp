#include "libs/eventing/operations.h"

#include <algorithm>
#include <set>

#include "absl/strings/numbers.h"
#include "libs/base/status.h"
#include "libs/eventing/envelope.h"
#include "libs/eventing/operations_outbox.h"
#include "libs/eventing/relay_session.h"
#include "libs/eventing/store.h"
#include "libs/pg/migrate.h"
#include "libs/rpc/validate.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::eventing {
namespace {

namespace pb = steward::operations::v1;

constexpr char kService[] = "/steward.operations.v1.OperationsService/";
constexpr std::string_view kNamePrefix = "parkedRecords/";
constexpr int kMaxNames = 200;
constexpr size_t kMaxReason = 1000;

#define STEWARD_PARKED_SUMMARY                                                   \
  "p.id, p.consumer_group, p.topic, p.partition, p.record_offset, p.aggregate, " \
  "p.aggregate_version, p.type, p.reason, p.error, p.attempts, p.replays, "      \
  "p.first_failure_time, p.last_failure_time, p.state"

constexpr pg::Statement kClock = {"operations_clock", "SELECT clock_timestamp()"};
constexpr pg::Statement kParkedCount = {
    "operations_parked_count",
    "SELECT count(*) FROM parked_record p WHERE p.consumer_group = $1 AND p.state = 'parked'"};
constexpr pg::Statement kInputRows = {
    "operations_inputs",
    "SELECT o.topic, o.partition, o.next_offset, o.end_offset, o.halted FROM consumer_offset o "
    "WHERE o.consumer_group = $1 ORDER BY o.topic, o.partition"};
constexpr pg::Statement kListParked = {
    "operations_list_parked",
    "SELECT " STEWARD_PARKED_SUMMARY
    " FROM parked_record p WHERE p.consumer_group = $1 AND p.id > $2 AND p.state = $3 "
    "AND ($4 = '' OR p.topic = $4) AND ($5 = '' OR p.aggregate = $5) "
    "AND ($6 = '' OR p.reason = $6) ORDER BY p.id LIMIT $7"};
constexpr pg::Statement kSummaries = {
    "operations_parked_summaries",
    "SELECT " STEWARD_PARKED_SUMMARY
    " FROM parked_record p WHERE p.consumer_group = $1 AND p.id = ANY($2::bigint[]) ORDER BY p.id"};
constexpr pg::Statement kWhole = {
    "operations_get_parked", "SELECT " STEWARD_PARKED_RECORD_COLUMNS
                             " FROM parked_record p WHERE p.consumer_group = $1 AND p.id = $2"};
constexpr pg::Statement kDiscard = {
    "operations_discard",
    "UPDATE parked_record p SET state = 'discarded', discard_reason = $4 "
    "WHERE p.consumer_group = $1 AND p.aggregate = $2 AND p.id = ANY($3::bigint[]) "
    "AND p.state = 'parked'"};
constexpr pg::Statement kDiscarded = {
    "operations_discarded_of",
    "SELECT " STEWARD_PARKED_RECORD_COLUMNS
    ", p.aggregate_version FROM parked_record p WHERE p.consumer_group = $1 AND p.aggregate = $2 "
    "AND p.state = 'discarded' AND p.aggregate_version > 0 ORDER BY p.aggregate_version, p.id"};
constexpr pg::Statement kWhich = {
    "operations_discard_which",
    "SELECT DISTINCT p.aggregate FROM parked_record p WHERE p.consumer_group = $1 "
    "AND p.id = ANY($2::bigint[]) AND p.state = 'parked' ORDER BY p.aggregate"};
constexpr pg::Statement kDiscardCount = {
    "operations_discard_count",
    "SELECT count(*) FROM parked_record p WHERE p.consumer_group = $1 "
    "AND p.id = ANY($2::bigint[]) AND p.state = 'parked'"};

absl::StatusOr<int64_t> IdOf(std::string_view field, std::string_view name) {
  int64_t id = 0;
  if (name.substr(0, kNamePrefix.size()) != kNamePrefix ||
      !absl::SimpleAtoi(ToAbsl(name.substr(kNamePrefix.size())), &id) || id <= 0 ||
      std::string(kNamePrefix) + std::to_string(id) != name) {
    return FieldInvalid(field, "must be parkedRecords/{number}");
  }
  return id;
}

template <class Names>
absl::StatusOr<std::vector<int64_t>> IdsOf(const Names& names) {
  if (names.size() > kMaxNames) {
    return FieldInvalid("names", "at most 200 at once");
  }
  std::vector<int64_t> ids;
  for (int i = 0; i < names.size(); ++i) {
    ASSIGN_OR_RETURN(const int64_t id, IdOf("names[" + std::to_string(i) + "]", names[i]));
    ids.push_back(id);
  }
  return ids;
}

void FillSummary(const pg::Result& rows, int i, pb::ParkedRecord* record) {
  record->set_name(std::string(kNamePrefix) + std::to_string(rows.Int(i, 0)));
  record->set_consumer_group(rows.Text(i, 1));
  record->set_topic(rows.Text(i, 2));
  record->set_partition(static_cast<int32_t>(rows.Int(i, 3)));
  record->set_offset(rows.Int(i, 4));
  record->set_key(rows.Text(i, 5));
  record->set_aggregate_version(rows.Int(i, 6));
  record->set_type(rows.Text(i, 7));
  record->set_reason(rows.Text(i, 8));
  record->set_text(rows.Text(i, 9));
  record->set_attempts(static_cast<int32_t>(rows.Int(i, 10)));
  record->set_replays(static_cast<int32_t>(rows.Int(i, 11)));
  *record->mutable_first_failure_time() = rpc::ToProto(rows.Timestamp(i, 12));
  *record->mutable_last_failure_time() = rpc::ToProto(rows.Timestamp(i, 13));
  record->set_state(rows.Text(i, 14));
}

void FillChange(const JournalRow& row, pb::Change* change) {
  change->set_event_id(row.event_id.ToString());
  change->set_aggregate(row.aggregate);
  change->set_aggregate_version(row.aggregate_version);
  change->set_type(row.type);
  *change->mutable_occurred_at() = rpc::ToProto(row.occurred_at);
  *change->mutable_recorded_at() = rpc::ToProto(row.recorded_at);
  change->set_actor(row.actor);
  change->set_correlation(row.correlation);
  change->set_payload(row.payload);
}

absl::StatusOr<Position> PositionOf(const std::vector<std::string>& cursor) {
  Position position;
  if (cursor.size() != 2 || !absl::SimpleAtoi(cursor[0], &position.xid) ||
      !absl::SimpleAtoi(cursor[1], &position.seq)) {
    return FieldInvalid("page_token", "is not one of this method");
  }
  return position;
}

// A discarded version counts as seen, so that what comes after it can be applied.
absl::Status DiscardOf(pg::Tx& tx, const std::string& group, const std::string& aggregate,
                       const std::vector<int64_t>& ids, const std::string& why, int64_t* count) {
  if (!aggregate.empty()) {
    tx.Lock({pg::LockKey::Exclusive(aggregate)});
  }
  const pg::Pending discarded =
      tx.Queue(kDiscard, pg::Params().Add(group).Add(aggregate).AddInts(ids).Add(why));
  const pg::Pending rows = tx.Queue(kDiscarded, pg::Params().Add(group).Add(aggregate));
  const pg::Pending seen_rows = store::QueueSeen(tx, group, {aggregate});
  RETURN_IF_ERROR(tx.Flush());
  *count = discarded->affected();
  if (aggregate.empty()) {
    return absl::OkStatus();
  }
  const auto seen = store::ToSeen(*seen_rows);
  const auto known = seen.find(aggregate);
  Seen last = known == seen.end() ? Seen{} : known->second;
  const int64_t before = last.version;
  for (int i = 0; i < rows->rows(); ++i) {
    if (rows->Int(i, 9) == last.version + 1) {
      const kafka::Record record = store::ToParkedRecord(*rows, i);
      last = {rows->Int(i, 9), Uuid::Parse(HeaderOf(record, "ce_id")).value_or(Uuid{})};
    }
  }
  if (last.version > before) {
    store::QueueSaveSeen(tx, group, {{aggregate, last}});
  }
  return absl::OkStatus();
}

}  // namespace

struct Operations::Impl {
  OperationsDeps deps;

  absl::StatusOr<pg::Connection*> Db(const rpc::Call& call) { return deps.db->Get(call.worker); }
  const std::string& group() const { return deps.consumer_options.group; }

  absl::Status GetVersion(rpc::Call& call, const pb::GetVersionRequest&, pb::Version* response) {
    ASSIGN_OR_RETURN(pg::Connection * db, Db(call));
    ASSIGN_OR_RETURN(const int schema, pg::SchemaVersion(*db));
    response->set_service(deps.service);
    response->set_version(deps.version);
    response->set_revision(deps.revision);
    response->set_schema_version(schema);
    response->set_profile(deps.profile);
    return absl::OkStatus();
  }

  absl::Status GetStatus(rpc::Call& call, const pb::GetStatusRequest&,
                         pb::ServiceStatus* response) {
    ASSIGN_OR_RETURN(pg::Connection * db, Db(call));
    if (deps.relay != nullptr) {
      const Relay::Status relay = deps.relay->status();
      response->set_relay_active(relay.active);
      response->set_relay_refusal(relay.refusal);
    }
    ASSIGN_OR_RETURN(const pg::Result backlog, db->Run(kRelayBacklog));
    response->set_outbox_pending(backlog.Int(0, 0));
    response->set_outbox_oldest_age_seconds(backlog.Double(0, 1));
    response->set_oldest_writer_age_seconds(backlog.Double(0, 2));
    if (!group().empty()) {
      RETURN_IF_ERROR(FillInputs(*db, response));
    }
    ASSIGN_OR_RETURN(const pg::Result clock, db->Run(kClock));
    *response->mutable_database_time() = rpc::ToProto(clock.Timestamp(0, 0));
    if (deps.extra) {
      for (const auto& [name, value] : deps.extra()) {
        (*response->mutable_extra())[name] = value;
      }
    }
    return absl::OkStatus();
  }

  // Offsets of all partitions as the replicas keep them; `assigned` is about this process.
  absl::Status FillInputs(pg::Connection& db, pb::ServiceStatus* response) {
    std::set<store::PartitionKey> assigned;
    if (deps.consumer != nullptr) {
      for (const auto& input : deps.consumer->status()) {
        if (input.assigned) {
          assigned.insert({input.topic, input.partition});
        }
      }
    }
    ASSIGN_OR_RETURN(const pg::Result rows, db.Run(kInputRows, pg::Params().Add(group())));
    for (int i = 0; i < rows.rows(); ++i) {
      auto* input = response->add_inputs();
      input->set_topic(rows.Text(i, 0));
      input->set_partition(static_cast<int32_t>(rows.Int(i, 1)));
      input->set_next_offset(rows.Int(i, 2));
      input->set_end_offset(rows.Int(i, 3));
      input->set_halted(rows.Text(i, 4));
      input->set_assigned(assigned.contains({input->topic(), input->partition()}));
    }
    ASSIGN_OR_RETURN(const pg::Result parked, db.Run(kParkedCount, pg::Params().Add(group())));
    response->set_parked(parked.Int(0, 0));
    return absl::OkStatus();
  }

  absl::Status ListParked(rpc::Call& call, const pb::ListParkedRecordsRequest& request,
                          pb::ListParkedRecordsResponse* response) {
    ASSIGN_OR_RETURN(const int size, rpc::PageSize(request.page_size()));
    ASSIGN_OR_RETURN(
        const auto terms,
        rpc::ParseFilter(request.filter(),
                         {{"topic", "="}, {"key", "="}, {"reason", "="}, {"state", "="}}));
    std::map<std::string, std::string> wanted = {{"state", "parked"}};
    for (const rpc::FilterTerm& term : terms) {
      wanted[term.field] = term.value;
    }
    const std::string query = "ListParkedRecords|" + request.filter();
    ASSIGN_OR_RETURN(const auto cursor, deps.tokens->Read(query, request.page_token()));
    int64_t after = 0;
    if (!cursor.empty() && !absl::SimpleAtoi(cursor[0], &after)) {
      return FieldInvalid("page_token", "is not one of this method");
    }
    ASSIGN_OR_RETURN(pg::Connection * db, Db(call));
    ASSIGN_OR_RETURN(const pg::Result rows, db->Run(kListParked, pg::Params()
                                                                     .Add(group())
                                                                     .Add(after)
                                                                     .Add(wanted["state"])
                                                                     .Add(wanted["topic"])
                                                                     .Add(wanted["key"])
                                                                     .Add(wanted["reason"])
                                                                     .Add(int64_t{size} + 1)));
    for (int i = 0; i < std::min(rows.rows(), size); ++i) {
      FillSummary(rows, i, response->add_parked_records());
    }
    if (rows.rows() > size) {
      response->set_next_page_token(
          deps.tokens->Make(query, {std::to_string(rows.Int(size - 1, 0))}));
    }
    return absl::OkStatus();
  }

  absl::Status GetParked(rpc::Call& call, const pb::GetParkedRecordRequest& request,
                         pb::ParkedRecord* response) {
    ASSIGN_OR_RETURN(const int64_t id, IdOf("name", request.name()));
    ASSIGN_OR_RETURN(pg::Connection * db, Db(call));
    ASSIGN_OR_RETURN(const pg::Result summary,
                     db->Run(kSummaries, pg::Params().Add(group()).AddInts({id})));
    ASSIGN_OR_RETURN(const pg::Result whole, db->Run(kWhole, pg::Params().Add(group()).Add(id)));
    if (summary.rows() == 0 || whole.rows() == 0) {
      return NotFound(request.name());
    }
    FillSummary(summary, 0, response);
    const kafka::Record record = store::ToParkedRecord(whole, 0);
    for (const auto& [name, value] : record.headers) {
      (*response->mutable_headers())[name] = value;
    }
    response->set_value(record.value);
    return absl::OkStatus();
  }

  absl::Status Release(rpc::Call& call, const pb::ReleaseParkedRecordsRequest& request,
                       pb::ReleaseParkedRecordsResponse* response) {
    if (deps.projection == nullptr || group().empty()) {
      return absl::FailedPreconditionError("this service consumes nothing");
    }
    ASSIGN_OR_RETURN(const std::vector<int64_t> ids, IdsOf(request.names()));
    ASSIGN_OR_RETURN(pg::Connection * db, Db(call));
    ASSIGN_OR_RETURN(const ReleaseOutcome outcome,
                     ReleaseParked(*db, deps.consumer_options, *deps.projection,
                                   {.ids = ids,
                                    .key = request.key(),
                                    .reason = request.reason(),
                                    .dry_run = request.dry_run()}));
    response->set_released(outcome.released);
    response->set_still_parked(outcome.still_parked);
    std::vector<int64_t> shown = outcome.tried;
    shown.resize(std::min<size_t>(shown.size(), kMaxNames));
    ASSIGN_OR_RETURN(const pg::Result rows,
                     db->Run(kSummaries, pg::Params().Add(group()).AddInts(shown)));
    for (int i = 0; i < rows.rows(); ++i) {
      FillSummary(rows, i, response->add_parked_records());
    }
    return absl::OkStatus();
  }

  absl::Status Discard(rpc::Call& call, const pb::DiscardParkedRecordsRequest& request,
                       pb::DiscardParkedRecordsResponse* response) {
    ASSIGN_OR_RETURN(const std::vector<int64_t> ids, IdsOf(request.names()));
    if (request.reason().empty() || request.reason().size() > kMaxReason) {
      return FieldInvalid("reason", "needs 1 to 1000 bytes");
    }
    ASSIGN_OR_RETURN(pg::Connection * db, Db(call));
    if (request.dry_run()) {
      ASSIGN_OR_RETURN(const pg::Result count,
                       db->Run(kDiscardCount, pg::Params().Add(group()).AddInts(ids)));
      response->set_discarded(count.Int(0, 0));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const pg::Result which,
                     db->Run(kWhich, pg::Params().Add(group()).AddInts(ids)));
    const std::string why = call.caller + ": " + request.reason();
    for (int i = 0; i < which.rows(); ++i) {
      int64_t count = 0;
      RETURN_IF_ERROR(pg::RunInTx(*db, {.name = "discard_parked"}, [&](pg::Tx& tx) {
        return DiscardOf(tx, group(), which.Text(i, 0), ids, why, &count);
      }));
      response->set_discarded(response->discarded() + count);
    }
    return absl::OkStatus();
  }

  absl::Status ListChanges(rpc::Call& call, const pb::ListChangesRequest& request,
                           pb::ListChangesResponse* response) {
    ASSIGN_OR_RETURN(const int size, rpc::PageSize(request.page_size()));
    const std::vector<std::string> prefixes(request.type_prefixes().begin(),
                                            request.type_prefixes().end());
    std::string query = "ListChanges|" + request.aggregate();
    for (const std::string& prefix : prefixes) {
      query += "|" + prefix;
    }
    ASSIGN_OR_RETURN(const auto cursor, deps.tokens->Read(query, request.page_token()));
    ASSIGN_OR_RETURN(pg::Connection * db, Db(call));
    // Read first: every row up to here is seen by the query that follows.
    ASSIGN_OR_RETURN(const Position end, EndPosition(*db));
    Position after = request.from_end() ? end : Position{};
    if (!cursor.empty()) {
      ASSIGN_OR_RETURN(after, PositionOf(cursor));
    }
    ASSIGN_OR_RETURN(const std::vector<JournalRow> rows,
                     ReadChanges(*db, after, request.aggregate(), prefixes, size));
    for (const JournalRow& row : rows) {
      FillChange(row, response->add_changes());
    }
    Position next = rows.empty() ? after : Position{rows.back().xid, rows.back().seq};
    if (static_cast<int>(rows.size()) < size) {
      next = std::max(next, end);  // nothing more up to the horizon
    }
    response->set_next_page_token(
        deps.tokens->Make(query, {std::to_string(next.xid), std::to_string(next.seq)}));
    return absl::OkStatus();
  }
};

Operations::Operations(OperationsDeps deps) : impl_(new Impl{std::move(deps)}) {}

Operations::~Operations() = default;

void Operations::AddTo(rpc::Server& server) {
  Impl* impl = impl_.get();
  const auto add = [&]<class Request, class Response>(
                       const char* method,
                       absl::Status (Impl::*handler)(rpc::Call&, const Request&, Response*)) {
    server.Add<Request, Response>(
        std::string(kService) + method,
        [impl, handler](rpc::Call& call, const Request& request, Response* response) {
          return (impl->*handler)(call, request, response);
        });
  };
  add("GetVersion", &Impl::GetVersion);
  add("GetStatus", &Impl::GetStatus);
  add("ListParkedRecords", &Impl::ListParked);
  add("GetParkedRecord", &Impl::GetParked);
  add("ReleaseParkedRecords", &Impl::Release);
  add("DiscardParkedRecords", &Impl::Discard);
  add("ListChanges", &Impl::ListChanges);
  AddOutbox(impl->deps, server);
}

}  // namespace steward::eventing
