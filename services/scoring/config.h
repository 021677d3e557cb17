#pragma once
// Settings of this service besides those every service has (libs/service/host.h).

#include <cstdint>
#include <string>

#include "libs/config/loader.h"

namespace steward::scoring {

struct Config {
  std::string directory_target = "127.0.0.1:7201";
  std::string complaints_target = "127.0.0.1:7202";
  std::string sla_target = "127.0.0.1:7203";
  std::string leads_target = "127.0.0.1:7204";
  std::string orders_target = "127.0.0.1:7205";
  int64_t owner_timeout_ms = 2000;

  void AddTo(config::Loader& loader);
};

}  // namespace steward::scoring
