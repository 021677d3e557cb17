#include "libs/config/loader.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "libs/base/status.h"
#include "libs/base/version.h"
#include "libs/config/setting.h"

extern char** environ;

namespace steward::config {
namespace {

constexpr const char* kReserved[] = {"config", "help", "version", "print_config",
                                     "validate_config"};

std::map<std::string, std::string> ProcessEnvironment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string text = *entry;
    if (size_t equals = text.find('='); equals != std::string::npos) {
      out[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  return out;
}

std::string Quoted(const std::string& text) {
  return absl::StrCat(
      "\"",
      absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}, {"\t", "\\t"}}),
      "\"");
}

}  // namespace

struct Loader::Impl {
  std::string service;
  std::string description;
  std::string prefix;  // STEWARD_SLA_
  std::vector<Setting> settings;
  std::vector<std::function<void(std::vector<std::string>&)>> checks;

  void Add(std::string_view name, std::string_view help, Setting setting) {
    setting.name = name;
    setting.help = help;
    setting.default_value = setting.show();
    bool taken = std::any_of(settings.begin(), settings.end(),
                             [&](const Setting& s) { return s.name == setting.name; }) ||
                 std::any_of(std::begin(kReserved), std::end(kReserved),
                             [&](const char* r) { return setting.name == r; });
    if (taken) {
      std::fprintf(stderr, "setting %s is declared twice or reserved\n", setting.name.c_str());
      std::abort();
    }
    settings.push_back(std::move(setting));
  }

  Setting* Find(const std::string& name) {
    auto found = std::find_if(settings.begin(), settings.end(),
                              [&](const Setting& s) { return s.name == name; });
    return found == settings.end() ? nullptr : &*found;
  }

  // A later origin overwrites an earlier one; a bad value is a fault even where a better one follows.
  void Assign(Setting& setting, Origin origin, const std::string& where, const std::string& raw,
              std::vector<std::string>& errors) {
    std::string fault = setting.assign(raw);
    if (!fault.empty()) {
      errors.push_back(absl::StrCat(where, ": ", fault));
    }
    setting.origin = origin;
  }

  void ApplyFile(const std::string& path, std::vector<std::string>& errors) {
    for (const auto& [key, raw] : ReadYaml(path, errors)) {
      if (Setting* setting = Find(key)) {
        Assign(*setting, Origin::kFile, absl::StrCat(path, ": ", key), raw, errors);
      } else {
        errors.push_back(absl::StrCat(path, ": ", key, ": unknown key"));
      }
    }
  }

  void ApplyEnvironment(const std::map<std::string, std::string>& environment,
                        std::vector<std::string>& errors) {
    std::set<std::string> known = {prefix + "CONFIG"};
    for (Setting& setting : settings) {
      std::string variable = setting.Variable(prefix);
      known.insert(variable);
      if (auto found = environment.find(variable); found != environment.end()) {
        Assign(setting, Origin::kEnvironment, variable, found->second, errors);
      }
    }
    for (const auto& [variable, value] : environment) {
      if (absl::StartsWith(variable, prefix) && known.count(variable) == 0) {
        errors.push_back(absl::StrCat(variable, ": unknown variable"));
      }
    }
  }

  std::string PrintConfig() const {
    std::string out;
    for (const Setting& setting : settings) {
      absl::StrAppend(&out, setting.name, ": ", Quoted(setting.Printable()), "  # ",
                      ToAbsl(OriginName(setting.origin)), "\n");
    }
    return out;
  }

  std::string HelpFooter() const {
    return absl::StrCat("\nEvery setting is a flag (--pg-host), a variable (", prefix,
                        "PG_HOST) and a key of the YAML file (pg_host);\n",
                        "a flag beats a variable, a variable the file, the file the default.\n");
  }
};

Loader::Loader(std::string service, std::string description) : impl_(new Impl) {
  impl_->prefix = absl::StrCat(
      "STEWARD_", absl::StrReplaceAll(absl::AsciiStrToUpper(service), {{"-", "_"}}), "_");
  impl_->service = std::move(service);
  impl_->description = std::move(description);
}

Loader::~Loader() { delete impl_; }

void Loader::Add(std::string_view name, std::string* value, std::string_view help) {
  impl_->Add(name, help, MakeText(value));
}
void Loader::Add(std::string_view name, int64_t* value, std::string_view help, int64_t min,
                 int64_t max) {
  impl_->Add(name, help, MakeInteger(value, min, max));
}
void Loader::Add(std::string_view name, bool* value, std::string_view help) {
  impl_->Add(name, help, MakeSwitch(value));
}
void Loader::Add(std::string_view name, std::vector<std::string>* value, std::string_view help) {
  impl_->Add(name, help, MakeList(value));
}

void Loader::Check(std::function<void(std::vector<std::string>& errors)> check) {
  impl_->checks.push_back(std::move(check));
}

absl::StatusOr<Outcome> Loader::Load(int argc, const char* const* argv) {
  return Load(argc, argv, ProcessEnvironment());
}

absl::StatusOr<Outcome> Loader::Load(int argc, const char* const* argv,
                                     const std::map<std::string, std::string>& environment) {
  std::vector<std::string> errors;
  Flags flags = ReadFlags("steward-" + impl_->service, impl_->description, impl_->settings, argc,
                          argv, errors);
  if (flags.help) {
    return Outcome{true, 0, flags.help_text + impl_->HelpFooter()};
  }
  if (flags.version) {
    return Outcome{true, 0,
                   absl::StrCat("steward-", impl_->service, " ", ToAbsl(Version()), " (",
                                ToAbsl(Revision()), ")\n")};
  }
  auto variable = environment.find(impl_->prefix + "CONFIG");
  std::string path = !flags.config_file.empty()      ? flags.config_file
                     : variable != environment.end() ? variable->second
                                                     : "";
  if (!path.empty()) {
    impl_->ApplyFile(path, errors);
  }
  impl_->ApplyEnvironment(environment, errors);
  for (const auto& [name, raw] : flags.values) {
    Setting& setting = *impl_->Find(name);
    impl_->Assign(setting, Origin::kFlag, setting.Flag(), raw, errors);
  }
  for (const auto& check : impl_->checks) {
    check(errors);
  }
  if (!errors.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
  }
  if (flags.print_config) {
    return Outcome{true, 0, impl_->PrintConfig()};
  }
  if (flags.validate_config) {
    return Outcome{true, 0, "the configuration is valid\n"};
  }
  return Outcome{};
}

std::map<std::string, std::string> Loader::Values() const {
  std::map<std::string, std::string> values;
  for (const Setting& setting : impl_->settings) {
    values[setting.name] = setting.show();
  }
  return values;
}

std::string Loader::Reference() const {
  std::string out =
      "| Setting | Flag | Variable | Value | Default | Meaning |\n|---|---|---|---|---|---|\n";
  for (const Setting& setting : impl_->settings) {
    std::string shown =
        setting.default_value.empty() ? "" : absl::StrCat("`", setting.default_value, "`");
    absl::StrAppend(&out, "| `", setting.name, "` | `", setting.Flag(), "` | `",
                    setting.Variable(impl_->prefix), "` | ", setting.kind, " | ", shown, " | ",
                    absl::StrReplaceAll(setting.help, {{"|", "\\|"}}), " |\n");
  }
  return out;
}

}  // namespace steward::config
