#include "services/scoring/intake/measurement_intake.h"

#include <algorithm>
#include <map>

#include "libs/base/status.h"
#include "services/scoring/events/scoring_events.h"
#include "services/scoring/intake/measurement.h"
#include "steward/scoring/intake/v1/measurement.pb.h"

namespace steward::scoring {
namespace {

constexpr char kPath[] = "measurement";
constexpr std::string_view kCollection = "measurements/";
constexpr int kPartitions = 6;

absl::StatusOr<Given> Read(const eventing::Event& event, absl::CivilDay today) {
  const std::string& key = event.aggregate;
  const size_t slash = key.find('/', kCollection.size());
  if (!key.starts_with(kCollection) || slash == std::string::npos) {
    return FieldInvalid("key", "is `measurements/{source}/{external_id}`");
  }
  const auto& said =
      static_cast<const intake::v1::Measurement&>(*event.message).measurement_reported();
  v1::Measurement measurement;
  measurement.set_source(key.substr(kCollection.size(), slash - kCollection.size()));
  measurement.set_external_id(key.substr(slash + 1));
  measurement.set_version(event.version);
  measurement.set_kpi(said.kpi());
  measurement.set_subject(said.subject());
  *measurement.mutable_day() = said.day();
  measurement.set_value(said.value());
  measurement.set_rater(said.rater());
  measurement.set_evidence(said.evidence());
  return ReadMeasurement(kPath, measurement, today);
}

// Who is behind it, as far as that is known here: a record's own word for its actor is nobody's proof.
eventing::Origin OriginOf(const eventing::Event& event, const Given& given) {
  return {given.recorder, event.origin.correlation, event.event_id.ToString(),
          event.origin.traceparent.empty() ? kNoTrace : event.origin.traceparent};
}

}  // namespace

eventing::Input MeasurementsInput() {
  return {kMeasurementsTopic, &intake::v1::Measurement::default_instance(), kPartitions};
}

pg::LockKey MeasurementIntake::Lock() { return pg::LockKey::Shared(kClosingLock); }

absl::Status MeasurementIntake::Apply(pg::Tx& tx,
                                      const std::vector<const eventing::Event*>& events) {
  const Time now = clock_.Now();
  const absl::CivilDay today = absl::ToCivilDay(absl::FromUnixMicros(now.micros), zone_);
  struct Row {
    const eventing::Event* event;
    Given given;
    KnownOf known;
  };
  std::vector<Row> rows;
  for (const eventing::Event* event : events) {
    ASSIGN_OR_RETURN(Given given, Read(*event, today));
    given.recorder = "sources/" + given.source;
    given.record_time = now;
    KnownOf known = QueueKnown(tx, given);
    rows.push_back({event, std::move(given), std::move(known)});
  }
  RETURN_IF_ERROR(tx.Flush());
  std::map<std::string, Given> latest;  // of this batch
  for (Row& row : rows) {
    std::optional<Given> last;
    if (const auto found = latest.find(row.event->aggregate); found != latest.end()) {
      last = found->second;
    } else {
      ASSIGN_OR_RETURN(last, LastOf(row.known));
    }
    // Their order is the consumer's concern. One that was discarded leaves no hole in what is said here.
    row.given.version = std::min(row.given.version, (last ? last->version : 0) + 1);
    ASSIGN_OR_RETURN(const bool fresh, Admit(kPath, row.given, last, row.known));
    if (!fresh) {
      continue;
    }
    latest[row.event->aggregate] = row.given;
    QueueInsert(tx, row.given);
    RETURN_IF_ERROR(eventing::Append(tx, OriginOf(*row.event, row.given),
                                     {MeasurementEvent(ids_, row.given)},
                                     events::v1::ScoringEvent::default_instance()));
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
