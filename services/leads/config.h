#pragma once
// Settings of this service besides those every service has (libs/service/host.h).

#include <string>

#include "libs/config/loader.h"

namespace steward::leads {

struct Config {
  std::string tier_schemes_file;    // empty = the shipped schemes
  std::string phone_region = "CN";  // of a number without `+`

  void AddTo(config::Loader& loader);
};

}  // namespace steward::leads
