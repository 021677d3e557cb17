#include "services/complaints/config.h"

namespace steward::complaints {

void Config::AddTo(config::Loader& loader) {
  loader.Add("kinds_file", &kinds_file,
             "Ticket kinds in protobuf's text form; empty = the shipped ones.");
  loader.Add("occurred_ahead_seconds", &occurred_ahead_seconds,
             "How far ahead of now a fact may lie.", 0, 3600);
  loader.Add("registration_back_date_days", &registration_back_date_days,
             "How far back a ticket may be raised.", 0, 3650);
  loader.Add("import_back_date_days", &import_back_date_days, "The same for the importer grant.", 0,
             36500);
  loader.Add("fact_back_date_minutes", &fact_back_date_minutes,
             "Facts older than this need the supervisor grant and a reason.", 0, 525600);
  loader.Add("repeat_window_days", &repeat_window_days,
             "Tickets of one customer with the same topic or product within this window are "
             "repeats (our default).",
             0, 3650);
  loader.Add("sla_target", &sla_target, "Address of the sla service, asked for a ticket's clocks.");
  loader.Add("sla_timeout_ms", &sla_timeout_ms, "How long a call waits for the sla service.", 1,
             5000);
  loader.Add("leads_target", &leads_target,
             "Address of the leads service, asked in the background for customers that no event "
             "has told of.");
  loader.Add("leads_timeout_ms", &leads_timeout_ms, "How long such a question waits.", 1, 5000);
}

TimeRules Config::time_rules() const {
  return {.ahead = Seconds(occurred_ahead_seconds),
          .back = Hours(24 * registration_back_date_days),
          .import_back = Hours(24 * import_back_date_days),
          .fact_back = Minutes(fact_back_date_minutes)};
}

}  // namespace steward::complaints
