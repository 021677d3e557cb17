#pragma once
// The settings that every service has: declared, checked, and the rules of the development profile.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libs/config/loader.h"
#include "libs/log/log.h"
#include "libs/service/host.h"

namespace steward::service {

void AddCommonSettings(config::Loader& loader, CommonConfig& config);
// What every command needs, `migrate` included.
void CheckDatabase(const CommonConfig& config, std::vector<std::string>& errors);
// What serving needs besides.
void CheckServing(const CommonConfig& config, std::vector<std::string>& errors);

// Why this process must not run (exit 78), or "". The development profile is for one machine: it refuses a cluster and
// every address beyond loopback, `*_target` settings of the service itself included. `values` = all settings by name.
std::string UnsafeProfile(const std::map<std::string, std::string>& values, bool in_kubernetes);

bool IsDevelopment(const CommonConfig& config);
log::Level LevelOf(const CommonConfig& config);

struct HostPort {
  std::string host;
  int port = 0;
};
// `127.0.0.1:0`, `[::1]:7201`.
absl::StatusOr<HostPort> ParseListen(std::string_view address);

}  // namespace steward::service
