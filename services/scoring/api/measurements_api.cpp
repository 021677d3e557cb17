#include "services/scoring/api/measurements_api.h"

#include <set>

#include "libs/base/day.h"
#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/scoring/api/definitions.h"
#include "services/scoring/api/measures_api.h"
#include "services/scoring/events/scoring_events.h"
#include "services/scoring/storage/definition_store.h"
#include "services/scoring/storage/period_store.h"

namespace steward::scoring {
namespace {

constexpr int kMaxBatch = 100;
constexpr size_t kMaxEvidence = 4000;

template <class Request, class Response>
void Add(rpc::Server& server, MeasurementsApi& api, const char* method,
         absl::Status (MeasurementsApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.scoring.v1.MeasurementsService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

void Answer(const Given& given, pb::Measurement* out) {
  out->set_source(given.source);
  out->set_external_id(given.external_id);
  out->set_version(given.version);
  out->set_kpi(given.kpi);
  out->set_subject(given.subject);
  rpc::ToProto(given.day, out->mutable_day());
  out->set_value(FormatDecimal(given.value));
  out->set_rater(given.rater);
  out->set_evidence(given.evidence);
  *out->mutable_record_time() = rpc::ToProto(given.record_time);
  out->set_recorder(given.recorder);
}

bool Same(const Given& a, const Given& b) {
  return a.kpi == b.kpi && a.subject == b.subject && a.day == b.day && a.value == b.value &&
         a.rater == b.rater && a.evidence == b.evidence;
}

// The KPI waits for a value from outside, and a rating has what it needs.
absl::Status CheckKpi(const std::string& path, const pg::Result& stored, const Given& given) {
  if (stored.rows() == 0) {
    return FieldInvalid(path + ".kpi", "there is no `" + given.kpi + "`");
  }
  v1::Kpi kpi;
  if (!kpi.ParseFromString(ReadDefinition(stored, 0).body)) {
    return absl::DataLossError("definition: body does not parse");
  }
  if (!kpi.formula().has_external()) {
    return FieldInvalid(path + ".kpi", "`" + given.kpi + "` is measured from events");
  }
  if (kpi.kind() == NameOf(Kind::kManual) && (given.rater.empty() || given.evidence.empty())) {
    return FieldInvalid(path + (given.rater.empty() ? ".rater" : ".evidence"),
                        "is needed of a rating");
  }
  return absl::OkStatus();
}

absl::Status CheckOpen(const pg::Result& closed, absl::CivilDay day) {
  const std::vector<std::string> periods = ReadNames(closed);
  return periods.empty()
             ? absl::OkStatus()
             : Precondition("PERIOD_CLOSED",
                            FormatDay(day) + " lies in " + Join(periods) + ", which is closed",
                            {{"period", periods.front()}});
}

}  // namespace

void MeasurementsApi::AddTo(rpc::Server& server) {
  Add(server, *this, "RecordMeasurement", &MeasurementsApi::RecordMeasurement);
  Add(server, *this, "BatchRecordMeasurements", &MeasurementsApi::BatchRecordMeasurements);
  Add(server, *this, "ListMeasurements", &MeasurementsApi::ListMeasurements);
}

absl::StatusOr<MeasurementsApi::Row> MeasurementsApi::Read(const rpc::Call& call,
                                                           const std::string& path,
                                                           const pb::Measurement& from) const {
  rpc::Faults faults;
  const std::string below = path + ".";
  Row row{path, {}, {}, {}, {}};
  Given& given = row.given;
  faults.Add(CheckName(below + "source", "sources", "sources/" + from.source()));
  given.source = from.source();
  given.external_id = faults.Line(below + "external_id", from.external_id(), 200);
  if (given.external_id.empty()) {
    faults.Add(below + "external_id", "is needed");
  }
  if (from.version() < 0) {
    faults.Add(below + "version", "counts from 1");
  }
  given.version = std::max<int64_t>(from.version(), 1);
  faults.Add(CheckName(below + "kpi", "kpis", from.kpi()));
  given.kpi = from.kpi();
  faults.Add(ParseSubject(below + "subject", from.subject()).status());
  given.subject = from.subject();
  const absl::StatusOr<absl::CivilDay> day = rpc::FromProto(below + "day", from.day());
  faults.Add(day.status());
  const absl::CivilDay today =
      absl::ToCivilDay(absl::FromUnixMicros(env_.clock->Now().micros), zone_);
  if (day.ok() && *day > today) {
    faults.Add(below + "day", "lies in the future; today is " + FormatDay(today));
  }
  given.day = day.value_or(today);
  const absl::StatusOr<Decimal> value = ParseDecimal(below + "value", from.value());
  if (absl::IsOutOfRange(value.status())) {
    faults.Add(below + "value", "is beyond every value that a KPI can have");
  }
  faults.Add(value.status());
  given.value = value.value_or(Decimal{});
  given.rater = faults.Name(below + "rater", "members", from.rater());
  given.evidence = faults.Text(below + "evidence", from.evidence(), kMaxEvidence);
  given.recorder = call.caller;
  RETURN_IF_ERROR(faults.status());
  RETURN_IF_ERROR(CheckSubject(call, below + "subject", given.subject));
  return row;
}

absl::Status MeasurementsApi::Record(const rpc::Call& call, std::vector<Row> rows,
                                     const std::string& claim, google::protobuf::Message* response,
                                     const std::function<void(const std::vector<Row>&)>& answer) {
  return service::RunCommand(
      env_, call, response, [&](pg::Tx& tx, service::Command& command) -> absl::Status {
        std::vector<pg::LockKey> locks = {pg::LockKey::Shared(kClosingLock)};
        for (const Row& row : rows) {
          locks.push_back(
              pg::LockKey::Exclusive(MeasurementKey(row.given.source, row.given.external_id)));
        }
        tx.Lock(locks);
        command.Find();
        for (Row& row : rows) {
          row.last = QueueLastGiven(tx, row.given.source, row.given.external_id);
          row.kpi = QueueLatest(tx, row.given.kpi);
          row.closed = QueueClosedOn(tx, row.given.day);
        }
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        std::vector<const Given*> fresh;
        for (Row& row : rows) {
          RETURN_IF_ERROR(CheckKpi(row.path, *row.kpi, row.given));
          row.given.record_time = command.now();
          int64_t before = 0;
          if (row.last->rows() > 0) {
            ASSIGN_OR_RETURN(const Given last, ReadGivenRow(*row.last, 0));
            before = last.version;
            if (last.version == row.given.version && Same(last, row.given)) {
              row.given = last;  // the same again
              continue;
            }
          }
          if (row.given.version != before + 1) {
            return Refuse(
                absl::StatusCode::kFailedPrecondition,
                row.path + ": version " + std::to_string(before + 1) + " is next",
                {.reason = "VERSION_NOT_NEXT", .metadata = {{"next", std::to_string(before + 1)}}});
          }
          RETURN_IF_ERROR(CheckOpen(*row.closed, row.given.day));
          fresh.push_back(&row.given);
        }
        answer(rows);
        command.Claim(claim);
        std::vector<eventing::NewEvent> events;
        for (const Given* given : fresh) {
          QueueInsert(tx, *given);
          events.push_back(MeasurementEvent(*env_.ids, *given));
        }
        return command.Append(events);
      });
}

absl::Status MeasurementsApi::RecordMeasurement(const rpc::Call& call,
                                                const pb::RecordMeasurementRequest& request,
                                                pb::Measurement* response) {
  ASSIGN_OR_RETURN(Row row, Read(call, "measurement", request.measurement()));
  const std::string key = MeasurementKey(row.given.source, row.given.external_id);
  return Record(call, {std::move(row)}, key, response,
                [&](const std::vector<Row>& rows) { Answer(rows[0].given, response); });
}

absl::Status MeasurementsApi::BatchRecordMeasurements(
    const rpc::Call& call, const pb::BatchRecordMeasurementsRequest& request,
    pb::BatchRecordMeasurementsResponse* response) {
  if (request.measurements_size() < 1 || request.measurements_size() > kMaxBatch) {
    return FieldInvalid("measurements", "are 1 to " + std::to_string(kMaxBatch));
  }
  rpc::Faults faults;
  std::vector<Row> rows;
  std::set<std::string> keys;
  for (int i = 0; i < request.measurements_size(); ++i) {
    const std::string path = "measurements[" + std::to_string(i) + "]";
    absl::StatusOr<Row> row = Read(call, path, request.measurements(i));
    if (absl::IsNotFound(row.status())) {
      return row.status();
    }
    if (!row.ok()) {
      faults.Add(row.status());
      continue;
    }
    if (!keys.insert(MeasurementKey(row->given.source, row->given.external_id)).second) {
      faults.Add(path + ".external_id", "is in the batch twice");
    }
    rows.push_back(*std::move(row));
  }
  RETURN_IF_ERROR(faults.status());
  return Record(call, std::move(rows), "measurements", response,
                [&](const std::vector<Row>& recorded) {
                  for (const Row& row : recorded) {
                    Answer(row.given, response->add_measurements());
                  }
                });
}

absl::Status MeasurementsApi::ListMeasurements(const rpc::Call& call,
                                               const pb::ListMeasurementsRequest& request,
                                               pb::ListMeasurementsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, rpc::PageSize(request.page_size()));
  RETURN_IF_ERROR(CheckSubject(call, "subject", request.subject()));
  const std::string bound = "ListMeasurements\n" + request.subject() + "\n" + request.kpi();
  ASSIGN_OR_RETURN(const std::vector<std::string> cursor,
                   tokens_.Read(bound, request.page_token()));
  std::optional<GivenCursor> after;
  if (!cursor.empty()) {
    if (cursor.size() != 4) {
      return rpc::BadPageToken();
    }
    ASSIGN_OR_RETURN(const int64_t version, rpc::CursorNumber(cursor[3]));
    after = GivenCursor{cursor[0], cursor[1], cursor[2], version};
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<Given> all, ListGiven(*db, request.subject(), request.kpi(), after,
                                                     page_size + 1, call.TimeLeft()));
  if (all.size() > static_cast<size_t>(page_size)) {
    all.resize(static_cast<size_t>(page_size));
    const Given& last = all.back();
    response->set_next_page_token(tokens_.Make(
        bound, {FormatDay(last.day), last.source, last.external_id, std::to_string(last.version)}));
  }
  for (const Given& given : all) {
    Answer(given, response->add_measurements());
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
