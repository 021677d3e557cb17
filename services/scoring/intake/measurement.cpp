#include "services/scoring/intake/measurement.h"

#include <algorithm>

#include "libs/base/day.h"
#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/values.h"
#include "services/scoring/domain/kpi.h"
#include "services/scoring/domain/measures.h"
#include "services/scoring/storage/definition_store.h"
#include "services/scoring/storage/period_store.h"
#include "steward/scoring/v1/kpis.pb.h"

namespace steward::scoring {
namespace {

constexpr size_t kMaxExternalId = 200;
constexpr size_t kMaxEvidence = 4000;

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

absl::Status CheckOpen(const std::string& path, const pg::Result& closed, absl::CivilDay day) {
  const std::vector<std::string> periods = ReadNames(closed);
  return periods.empty() ? absl::OkStatus()
                         : Precondition("PERIOD_CLOSED",
                                        path + ".day: " + FormatDay(day) + " lies in " +
                                            Join(periods) + ", which is closed",
                                        {{"period", periods.front()}});
}

}  // namespace

absl::StatusOr<Given> ReadMeasurement(const std::string& path, const v1::Measurement& from,
                                      absl::CivilDay today) {
  rpc::Faults faults;
  const std::string below = path + ".";
  Given given;
  faults.Add(CheckName(below + "source", "sources", "sources/" + from.source()));
  given.source = from.source();
  given.external_id = faults.Line(below + "external_id", from.external_id(), kMaxExternalId);
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
  if (day.ok() && *day > today) {
    faults.Add(below + "day", "lies in the future; today is " + FormatDay(today));
  }
  given.day = day.value_or(today);
  const absl::StatusOr<Decimal> value = ParseDecimal(below + "value", from.value());
  if (absl::IsOutOfRange(value.status())) {
    faults.Add(below + "value", "is beyond every value that a KPI can have");
  } else {
    faults.Add(value.status());
  }
  given.value = value.value_or(Decimal{});
  given.rater = faults.Name(below + "rater", "members", from.rater());
  given.evidence = faults.Text(below + "evidence", from.evidence(), kMaxEvidence);
  RETURN_IF_ERROR(faults.status());
  return given;
}

KnownOf QueueKnown(pg::Tx& tx, const Given& given) {
  return {QueueLastGiven(tx, given.source, given.external_id), QueueLatest(tx, given.kpi),
          QueueClosedOn(tx, given.day)};
}

absl::StatusOr<std::optional<Given>> LastOf(const KnownOf& known) {
  if (known.last->rows() == 0) {
    return std::optional<Given>();
  }
  ASSIGN_OR_RETURN(Given last, ReadGivenRow(*known.last, 0));
  return std::optional(std::move(last));
}

absl::StatusOr<bool> Admit(const std::string& path, const Given& given,
                           const std::optional<Given>& last, const KnownOf& known) {
  RETURN_IF_ERROR(CheckKpi(path, *known.kpi, given));
  if (last && last->version == given.version && Same(*last, given)) {
    return false;
  }
  const int64_t next = (last ? last->version : 0) + 1;
  if (given.version != next) {
    return Refuse(absl::StatusCode::kFailedPrecondition,
                  path + ".version: " + std::to_string(next) + " is next",
                  {.reason = "VERSION_NOT_NEXT", .metadata = {{"next", std::to_string(next)}}});
  }
  RETURN_IF_ERROR(CheckOpen(path, *known.closed, given.day));
  return true;
}

}  // namespace steward::scoring
