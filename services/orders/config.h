#pragma once
// Settings of this service besides those every service has (libs/service/host.h).

#include <cstdint>
#include <string>

#include "libs/base/occasion.h"
#include "libs/config/loader.h"

namespace steward::orders {

struct Config {
  int64_t occurred_ahead_seconds = 60;
  int64_t back_date_days = 90;
  int64_t import_back_date_days = 3650;
  std::string leads_target = "127.0.0.1:7204";
  int64_t leads_timeout_ms = 2000;
  std::string leads_token_file;

  void AddTo(config::Loader& loader);
  TimeRules time_rules() const;
};

}  // namespace steward::orders
