#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/config/setting.h"

namespace steward::config {
namespace {

// CLI11 2.1 reads `--name=` as `--name` and takes the next argument for its value. Here it is the empty value: such
// arguments are taken out and answered by setting name.
std::map<std::string, std::string> TakeEmptyValues(const std::vector<Setting>& settings,
                                                   std::vector<std::string>& arguments) {
  std::map<std::string, std::string> empty;
  for (const Setting& setting : settings) {
    auto end = std::remove(arguments.begin(), arguments.end(), setting.Flag() + "=");
    if (end != arguments.end()) {
      empty[setting.name] = "";
      arguments.erase(end, arguments.end());
    }
  }
  return empty;
}

}  // namespace

// CLI11 2.1 ranks its own configuration file above the environment, so it is given the flags alone; the loader
// does the rest.
Flags ReadFlags(const std::string& program, const std::string& description,
                const std::vector<Setting>& settings, int argc, const char* const* argv,
                std::vector<std::string>& errors) {
  Flags flags;
  CLI::App app(description, program);
  app.set_help_flag();
  app.allow_extras();
  app.add_flag("--help", flags.help, "Print this and exit.");
  app.add_flag("--version", flags.version, "Print the version and exit.");
  app.add_flag("--print-config", flags.print_config,
               "Print every setting with its origin and exit.");
  app.add_flag("--validate-config", flags.validate_config, "Check the settings and exit.");
  app.add_option("--config", flags.config_file, "YAML file with settings.");
  std::vector<std::string> raw(settings.size());
  std::vector<CLI::Option*> options;
  for (size_t i = 0; i < settings.size(); ++i) {
    std::string help = absl::StrCat(settings[i].help, " [", settings[i].default_value, "]");
    options.push_back(settings[i].is_switch ? app.add_flag(settings[i].Flag(), raw[i], help)
                                            : app.add_option(settings[i].Flag(), raw[i], help));
  }
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  flags.values = TakeEmptyValues(settings, arguments);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& e) {
    errors.emplace_back(e.what());
  }
  for (const std::string& extra : app.remaining()) {
    errors.push_back(absl::StrCat(extra, ": unknown flag or argument"));
  }
  for (size_t i = 0; i < settings.size(); ++i) {
    if (options[i]->count() > 0) {
      flags.values[settings[i].name] = raw[i];
    }
  }
  flags.help_text = app.help();
  return flags;
}

}  // namespace steward::config
