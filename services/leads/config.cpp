#include "services/leads/config.h"

namespace steward::leads {

void Config::AddTo(config::Loader& loader) {
  loader.Add("tier_schemes_file", &tier_schemes_file,
             "Tier schemes of customers in protobuf's text form; empty = the shipped ones.");
  loader.Add("phone_region", &phone_region,
             "Region (ISO 3166-1 alpha-2) in which a phone number without `+` is read.");
  loader.Add("occurred_ahead_seconds", &occurred_ahead_seconds,
             "How far ahead of now a fact may lie.", 0, 3600);
  loader.Add("back_date_days", &back_date_days,
             "How far back something may have begun or changed, such as an opportunity's opening.",
             0, 3650);
  loader.Add("import_back_date_days", &import_back_date_days, "The same for the importer grant.", 0,
             36500);
  loader.Add("fact_back_date_minutes", &fact_back_date_minutes,
             "Facts older than this, such as a move of an opportunity, need the supervisor grant "
             "and a reason.",
             0, 525600);
  loader.Add(
      "recycle_days", &recycle_days,
      "A lead that its owner has not touched for so many days goes back to the pool; 0 = off.", 0,
      3650);
  loader.Add("recycle_interval_seconds", &recycle_interval_seconds, "How often that is looked for.",
             1, 86400);
}

TimeRules Config::time_rules() const {
  return {.ahead = Seconds(occurred_ahead_seconds),
          .back = Hours(24 * back_date_days),
          .import_back = Hours(24 * import_back_date_days),
          .fact_back = Minutes(fact_back_date_minutes)};
}

}  // namespace steward::leads
