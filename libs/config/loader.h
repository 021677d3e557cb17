#pragma once
// Settings: flag beats environment beats YAML file beats default. One immutable struct per service, read once.
//
//   struct Config { std::string pg_host = "127.0.0.1"; int rpc_workers = 8; ... };
//   config::Loader loader("sla", "Keeps promises.");
//   loader.Add("pg_host", &config.pg_host, "Host or socket folder of PostgreSQL.");
//   auto outcome = loader.Load(argc, argv);   // --pg-host, STEWARD_SLA_PG_HOST, `pg_host:` are one setting
//
// Unknown keys, unknown STEWARD_<SERVICE>_ variables and bad values are errors, all reported together.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace steward::config {

enum class Origin { kDefault, kFile, kEnvironment, kFlag };

struct Outcome {
  bool exit = false;  // --help, --version, --print-config or --validate-config was served: stop
  int exit_code = 0;
  std::string text;  // what to print then
};

class Loader {
 public:
  Loader(std::string service, std::string description);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  // `name` is lower_snake_case with units (`drain_timeout_ms`). A name ending in `_file` is a path whose
  // content is secret; paths are printed, contents never are. The pointer must outlive Load.
  void Add(std::string_view name, std::string* value, std::string_view help);
  void Add(std::string_view name, int64_t* value, std::string_view help, int64_t min = INT64_MIN,
           int64_t max = INT64_MAX);
  void Add(std::string_view name, bool* value, std::string_view help);
  void Add(std::string_view name, std::vector<std::string>* value,
           std::string_view help);  // comma separated
  // Runs after reading; adds its findings to the errors.
  void Check(std::function<void(std::vector<std::string>& errors)> check);
  // INVALID_ARGUMENT lists every fault, one a line. `environment` defaults to the process's.
  absl::StatusOr<Outcome> Load(int argc, const char* const* argv);
  absl::StatusOr<Outcome> Load(int argc, const char* const* argv,
                               const std::map<std::string, std::string>& environment);
  // Name and value of every setting, as they are now.
  std::map<std::string, std::string> Values() const;
  // The settings as a Markdown table, for docs/reference/configuration.md.
  std::string Reference() const;

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace steward::config
