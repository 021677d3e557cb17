#include "services/scoring/api/measurements_api.h"

#include <set>

#include "libs/base/day.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "libs/service/pages.h"
#include "services/scoring/api/measures_api.h"
#include "services/scoring/events/scoring_events.h"

namespace steward::scoring {
namespace {

constexpr int kMaxBatch = 100;

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

}  // namespace

void MeasurementsApi::AddTo(rpc::Server& server) {
  Add(server, *this, "RecordMeasurement", &MeasurementsApi::RecordMeasurement);
  Add(server, *this, "BatchRecordMeasurements", &MeasurementsApi::BatchRecordMeasurements);
  Add(server, *this, "ListMeasurements", &MeasurementsApi::ListMeasurements);
}

absl::StatusOr<MeasurementsApi::Row> MeasurementsApi::Read(const rpc::Call& call,
                                                           const std::string& path,
                                                           const pb::Measurement& from) const {
  const absl::CivilDay today =
      absl::ToCivilDay(absl::FromUnixMicros(env_.clock->Now().micros), zone_);
  Row row{path, {}, {}};
  ASSIGN_OR_RETURN(row.given, ReadMeasurement(path, from, today));
  row.given.recorder = call.caller;
  RETURN_IF_ERROR(CheckSubject(call, path + ".subject", row.given.subject));
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
          row.known = QueueKnown(tx, row.given);
        }
        RETURN_IF_ERROR(tx.Flush());
        if (command.Answered()) {
          return absl::OkStatus();
        }
        std::vector<const Given*> fresh;
        for (Row& row : rows) {
          row.given.record_time = command.now();
          ASSIGN_OR_RETURN(const std::optional<Given> last, LastOf(row.known));
          ASSIGN_OR_RETURN(const bool is_new, Admit(row.path, row.given, last, row.known));
          if (!is_new) {
            row.given = *last;
            continue;
          }
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
  RETURN_IF_ERROR(CheckSubject(call, "subject", request.subject()));
  ASSIGN_OR_RETURN(
      const service::Page page,
      service::OpenPage(tokens_, "ListMeasurements\n" + request.subject() + "\n" + request.kpi(),
                        request, 4));
  std::optional<GivenCursor> after;
  if (!page.place().empty()) {
    ASSIGN_OR_RETURN(const int64_t version, rpc::CursorNumber(page.place()[3]));
    after = GivenCursor{page.place()[0], page.place()[1], page.place()[2], version};
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  ASSIGN_OR_RETURN(std::vector<Given> all, ListGiven(*db, request.subject(), request.kpi(), after,
                                                     page.limit(), call.TimeLeft()));
  if (page.Cut(all)) {
    const Given& last = all.back();
    page.Continue(
        {FormatDay(last.day), last.source, last.external_id, std::to_string(last.version)},
        response);
  }
  for (const Given& given : all) {
    Answer(given, response->add_measurements());
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
