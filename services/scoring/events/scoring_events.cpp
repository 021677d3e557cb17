#include "services/scoring/events/scoring_events.h"

#include "libs/rpc/values.h"

namespace steward::scoring {
namespace {

using events::v1::ScoringEvent;

std::string IdOf(const std::string& name) { return name.substr(name.find('/') + 1); }

}  // namespace

std::string HexOf(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

eventing::NewEvent FreezeEvent(IdGenerator& ids, Time now, const StoredPeriod& period) {
  ScoringEvent event;
  rpc::ToProto(period.days.first, event.mutable_period_frozen()->mutable_first_day());
  rpc::ToProto(period.days.last, event.mutable_period_frozen()->mutable_last_day());
  return eventing::MakeEvent(ids, now, period.name, period.version, now, event);
}

eventing::NewEvent CloseEvent(IdGenerator& ids, Time now, const StoredPeriod& period,
                              int64_t results) {
  ScoringEvent event;
  event.mutable_period_closed()->set_results(results);
  event.mutable_period_closed()->set_hash(period.hash);
  return eventing::MakeEvent(ids, now, period.name, period.version, now, event);
}

eventing::NewEvent DefinitionEvent(IdGenerator& ids, Time now, const std::string& name,
                                   int64_t version, const std::string& digest) {
  ScoringEvent event;
  auto& created = name.starts_with("kpis/") ? *event.mutable_kpi_version_created()
                                            : *event.mutable_scorecard_version_created();
  created.set_version(version);
  created.set_digest(HexOf(digest));
  return eventing::MakeEvent(ids, now, name, version, now, event);
}

eventing::NewEvent TargetEvent(IdGenerator& ids, const StoredTarget& target) {
  ScoringEvent event;
  auto& set = *event.mutable_target_set();
  set.set_kpi(target.kpi);
  set.set_subject(target.subject);
  set.set_period(target.period);
  set.set_value(FormatDecimal(target.target.value));
  set.set_upper(target.target.upper ? FormatDecimal(*target.target.upper) : "");
  return eventing::MakeEvent(
      ids, target.set_time,
      "targets/" + IdOf(target.kpi) + "/" + IdOf(target.period) + "/" + target.subject,
      target.version, target.set_time, event);
}

eventing::NewEvent EligibilityEvent(IdGenerator& ids, const StoredEligibility& part) {
  ScoringEvent event;
  auto& set = *event.mutable_eligibility_set();
  set.set_scorecard(part.scorecard);
  set.set_subject(part.subject);
  set.set_period(part.period);
  rpc::ToProto(part.days.first, set.mutable_first_day());
  rpc::ToProto(part.days.last, set.mutable_last_day());
  set.set_days(part.eligibility.days);
  set.set_period_days(part.eligibility.of_period);
  return eventing::MakeEvent(
      ids, part.set_time,
      "eligibilities/" + IdOf(part.scorecard) + "/" + IdOf(part.period) + "/" + part.subject,
      part.version, part.set_time, event);
}

std::string MeasurementKey(const std::string& source, const std::string& external_id) {
  return "measurements/" + source + "/" + external_id;
}

eventing::NewEvent MeasurementEvent(IdGenerator& ids, const Given& given) {
  ScoringEvent event;
  auto& recorded = *event.mutable_measurement_recorded();
  recorded.set_source(given.source);
  recorded.set_external_id(given.external_id);
  recorded.set_kpi(given.kpi);
  recorded.set_subject(given.subject);
  rpc::ToProto(given.day, recorded.mutable_day());
  recorded.set_value(FormatDecimal(given.value));
  recorded.set_rater(given.rater);
  return eventing::MakeEvent(ids, given.record_time,
                             MeasurementKey(given.source, given.external_id), given.version,
                             given.record_time, event);
}

}  // namespace steward::scoring
