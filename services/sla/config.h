#pragma once
// Settings of the sla service besides those every service has.

#include "libs/config/loader.h"

namespace steward::sla {

struct Config {
  int64_t input_hold_ms = 30'000;  // how long accusations wait for inputs that are behind
  bool board = true;               // keep the live board in Redis
};
void AddSettings(config::Loader& loader, Config& config);

}  // namespace steward::sla
