#pragma once
// One setting inside the loader: where its value goes, how it reads and prints.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libs/config/loader.h"

namespace steward::config {

struct Setting {
  std::string name;
  std::string help;
  std::string kind;  // `text`, `integer 1 to 65535`, `true or false`, `list`
  std::string default_value;
  bool is_switch = false;  // `--name` alone means true
  Origin origin = Origin::kDefault;
  std::function<std::string(const std::string& raw)> assign;  // the fault, or ""
  std::function<std::string()> show;

  std::string Flag() const;                             // `--pg-host`
  std::string Variable(std::string_view prefix) const;  // `STEWARD_SLA_PG_HOST`
  // As print-config shows it: a value that should have been in a file is not printed.
  std::string Printable() const;
};

Setting MakeText(std::string* value);
Setting MakeInteger(int64_t* value, int64_t min, int64_t max);
Setting MakeSwitch(bool* value);
Setting MakeList(std::vector<std::string>* value);

std::string_view OriginName(Origin origin);

// Key to raw value. Faults go to `errors`, each with the file's name; lists come back comma separated.
std::map<std::string, std::string> ReadYaml(const std::string& path,
                                            std::vector<std::string>& errors);

// What the command line holds.
struct Flags {
  std::map<std::string, std::string> values;  // by setting name
  std::string config_file;
  bool help = false, version = false, print_config = false, validate_config = false;
  std::string help_text;
};
Flags ReadFlags(const std::string& program, const std::string& description,
                const std::vector<Setting>& settings, int argc, const char* const* argv,
                std::vector<std::string>& errors);

}  // namespace steward::config
