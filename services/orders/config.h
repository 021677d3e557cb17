#pragma once
// Settings of this service besides those every service has (libs/service/host.h).

#include <cstdint>

#include "libs/base/occasion.h"
#include "libs/config/loader.h"

namespace steward::orders {

struct Config {
  int64_t occurred_ahead_seconds = 60;
  int64_t back_date_days = 90;
  int64_t import_back_date_days = 3650;

  void AddTo(config::Loader& loader);
  TimeRules time_rules() const;
};

}  // namespace steward::orders
