#pragma once
// Settings of this service besides those every service has (libs/service/host.h).

#include <cstdint>
#include <string>

#include "libs/base/occasion.h"
#include "libs/config/loader.h"

namespace steward::leads {

struct Config {
  std::string tier_schemes_file;    // empty = the shipped schemes
  std::string phone_region = "CN";  // of a number without `+`
  int64_t occurred_ahead_seconds = 60;
  int64_t back_date_days = 90;
  int64_t import_back_date_days = 3650;
  int64_t fact_back_date_minutes = 10;
  int64_t recycle_days = 0;  // 0 = off: no source document gives N
  int64_t recycle_interval_seconds = 60;

  void AddTo(config::Loader& loader);
  TimeRules time_rules() const;
};

}  // namespace steward::leads
