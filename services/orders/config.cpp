#include "services/orders/config.h"

namespace steward::orders {

void Config::AddTo(config::Loader& loader) {
  loader.Add("occurred_ahead_seconds", &occurred_ahead_seconds,
             "How far ahead of now a fact may lie.", 0, 3600);
  loader.Add("back_date_days", &back_date_days, "How far back a fact may lie.", 0, 3650);
  loader.Add("import_back_date_days", &import_back_date_days, "The same for the importer grant.", 0,
             36500);
  loader.Add("leads_target", &leads_target,
             "Address of the leads service, asked for opportunities that were won.");
  loader.Add("leads_timeout_ms", &leads_timeout_ms,
             "How long a contract draft waits for the leads service.", 1, 30000);
  loader.Add(
      "leads_token_file", &leads_token_file,
      "Token of the member as whom leads is asked (a SYSTEM account with the grant auditor); "
      "read again at each call.");
}

TimeRules Config::time_rules() const {
  return {.ahead = Seconds(occurred_ahead_seconds),
          .back = Hours(24 * back_date_days),
          .import_back = Hours(24 * import_back_date_days)};
}

}  // namespace steward::orders
