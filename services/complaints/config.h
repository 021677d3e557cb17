#pragma once
// Settings of this service besides those every service has (libs/service/host.h).

#include <cstdint>
#include <string>

#include "libs/base/occasion.h"
#include "libs/config/loader.h"
#include "libs/rpc/client.h"

namespace steward::complaints {

struct Config {
  std::string kinds_file;  // empty = the shipped kinds
  int64_t occurred_ahead_seconds = 60;
  int64_t registration_back_date_days = 90;
  int64_t import_back_date_days = 3650;
  int64_t fact_back_date_minutes = 10;
  int64_t repeat_window_days = 30;  // ours: no source document gives one
  std::string sla_target = "127.0.0.1:7203";
  int64_t sla_timeout_ms = 500;

  std::string leads_target = "127.0.0.1:7204";
  int64_t leads_timeout_ms = 500;

  void AddTo(config::Loader& loader);
  TimeRules time_rules() const;
  Duration repeat_window() const { return Hours(24 * repeat_window_days); }
};

}  // namespace steward::complaints
