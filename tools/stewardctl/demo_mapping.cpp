#include "tools/stewardctl/demo_mapping.h"

#include <ctime>
#include <nlohmann/json.hpp>
#include <set>

#include "libs/base/status.h"
#include "tools/stewardctl/context.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

using nlohmann::json;

absl::Status Invalid(const std::string& text) {
  return absl::InvalidArgumentError(steward::ToAbsl(text));
}

absl::Status OnlyKeys(const json& object, const std::string& path,
                      const std::set<std::string>& known) {
  if (!object.is_object()) {
    return Invalid("`" + path + "` is no map");
  }
  for (const auto& [key, value] : object.items()) {
    if (!known.contains(key)) {
      std::string all;
      for (const std::string& name : known) {
        all += (all.empty() ? "" : ", ") + name;
      }
      return Invalid("unknown key `" + key + "` in " + path + "; it has " + all);
    }
  }
  return absl::OkStatus();
}

// Leaves `value` as it is when the key is not there.
absl::Status Text(const json& object, const std::string& key, std::string* value) {
  if (const auto found = object.find(key); found != object.end()) {
    if (!found->is_string()) {
      return Invalid("`" + key + "` is no text");
    }
    *value = found->get<std::string>();
  }
  return absl::OkStatus();
}

absl::Status Texts(const json& object, const std::string& key, std::vector<std::string>* values) {
  const json list = object.value(key, json::array());
  for (const json& element : list) {
    if (!list.is_array() || !element.is_string()) {
      return Invalid("`" + key + "` is no list of texts");
    }
    values->push_back(element.get<std::string>());
  }
  return absl::OkStatus();
}

absl::Status Words(const json& root, const std::string& key,
                   std::map<std::string, std::string>* words) {
  const json object = root.value(key, json::object());
  if (!object.is_object()) {
    return Invalid("`" + key + "` is no map");
  }
  for (const auto& [word, value] : object.items()) {
    RETURN_IF_ERROR(Text(object, word, &(*words)[word]));
  }
  return absl::OkStatus();
}

absl::Status ReadColumns(const json& root, Mapping::Columns* columns) {
  const std::pair<std::string, std::string*> required[] = {{"number", &columns->number},
                                                           {"order", &columns->order},
                                                           {"time", &columns->time},
                                                           {"raised", &columns->raised},
                                                           {"state", &columns->state}};
  const std::pair<std::string, std::string*> optional[] = {{"reopenings", &columns->reopenings},
                                                           {"channel", &columns->channel},
                                                           {"severity", &columns->severity},
                                                           {"group", &columns->group},
                                                           {"person", &columns->person}};
  const json object = root.value("columns", json::object());
  std::set<std::string> known;
  for (const auto& [key, column] : required) {
    known.insert(key);
  }
  for (const auto& [key, column] : optional) {
    known.insert(key);
  }
  RETURN_IF_ERROR(OnlyKeys(object, "columns", known));
  for (const auto& [key, column] : required) {
    RETURN_IF_ERROR(Text(object, key, column));
    if (column->empty()) {
      return Invalid("`columns." + key + "` is missing");
    }
  }
  for (const auto& [key, column] : optional) {
    RETURN_IF_ERROR(Text(object, key, column));
  }
  return absl::OkStatus();
}

absl::Status ReadStates(const json& root, std::map<std::string, Mapping::State>* states) {
  const json object = root.value("states", json::object());
  if (!object.is_object() || object.empty()) {
    return Invalid("`states` is missing or no map");
  }
  for (const auto& [name, value] : object.items()) {
    RETURN_IF_ERROR(OnlyKeys(value, "states." + name, {"reaches", "hold"}));
    Mapping::State& state = (*states)[name];
    RETURN_IF_ERROR(Texts(value, "reaches", &state.reaches));
    RETURN_IF_ERROR(Text(value, "hold", &state.hold));
  }
  return absl::OkStatus();
}

absl::Status ReadTeams(const json& root, std::vector<Mapping::Team>* teams) {
  const json list = root.value("teams", json::array());
  if (!list.is_array()) {
    return Invalid("`teams` is no list");
  }
  for (const json& element : list) {
    RETURN_IF_ERROR(OnlyKeys(element, "teams", {"team", "owners"}));
    Mapping::Team& team = teams->emplace_back();
    RETURN_IF_ERROR(Text(element, "team", &team.team));
    RETURN_IF_ERROR(Texts(element, "owners", &team.owners));
    if (team.team.empty() || team.owners.empty()) {
      return Invalid("an element of `teams` has no `team` or no `owners`");
    }
  }
  return absl::OkStatus();
}

absl::Status ReadPercent(const json& root, int* percent) {
  std::string text = "0";
  RETURN_IF_ERROR(Text(root, "leave_open_percent", &text));
  if (text.empty() || text.size() > 2 ||
      text.find_first_not_of("0123456789") != std::string::npos) {
    return Invalid("`leave_open_percent` is a number from 0 to 99");
  }
  *percent = std::stoi(text);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Mapping> ParseMapping(const std::string& yaml) {
  ASSIGN_OR_RETURN(const std::string text, YamlToJson(yaml));
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  RETURN_IF_ERROR(OnlyKeys(root, "the mapping",
                           {"columns", "unknown", "time_format", "kind", "summary", "channel",
                            "channels", "severities", "states", "teams", "leave_open_percent"}));
  Mapping mapping;
  RETURN_IF_ERROR(ReadColumns(root, &mapping.columns));
  RETURN_IF_ERROR(Text(root, "unknown", &mapping.unknown));
  RETURN_IF_ERROR(Text(root, "time_format", &mapping.time_format));
  RETURN_IF_ERROR(Text(root, "kind", &mapping.kind));
  RETURN_IF_ERROR(Text(root, "summary", &mapping.summary));
  RETURN_IF_ERROR(Text(root, "channel", &mapping.channel));
  RETURN_IF_ERROR(Words(root, "channels", &mapping.channels));
  RETURN_IF_ERROR(Words(root, "severities", &mapping.severities));
  RETURN_IF_ERROR(ReadStates(root, &mapping.states));
  RETURN_IF_ERROR(ReadTeams(root, &mapping.teams));
  RETURN_IF_ERROR(ReadPercent(root, &mapping.leave_open_percent));
  if (mapping.kind.empty() || mapping.time_format.empty()) {
    return Invalid("`kind` or `time_format` is missing");
  }
  return mapping;
}

absl::StatusOr<Mapping> ReadMappingFile(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  auto mapping = ParseMapping(text);
  return mapping.ok() ? mapping : Invalid(file + ": " + std::string(mapping.status().message()));
}

absl::StatusOr<steward::Time> ParseFileTime(const std::string& text, const std::string& format) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), format.c_str(), &parts);
  if (end == nullptr || *end != '\0') {
    return Invalid("`" + text + "` is no time of the form " + format);
  }
  const int day = parts.tm_mday;
  const time_t seconds = timegm(&parts);  // puts 31 April into May
  if (parts.tm_mday != day) {
    return Invalid("`" + text + "` is no day of the calendar");
  }
  return steward::Time{int64_t{seconds} * 1'000'000};
}

}  // namespace stewardctl
