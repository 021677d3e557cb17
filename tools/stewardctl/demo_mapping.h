#pragma once
// How a file of ticket history is read: which column says what, and what its words are here. A mapping is data, not code.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace stewardctl {

struct Mapping {
  // Names of columns. The first five are required; an empty one is not in the file.
  struct Columns {
    std::string number, order, time, raised, state;
    std::string reopenings, channel, severity, group, person;
  };
  // What it means that a ticket is in a state.
  struct State {
    std::vector<std::string> reaches;  // milestones, earlier steps first
    std::string hold;                  // cause of a hold that lasts as long as the state
  };
  struct Team {
    std::string team;
    std::vector<std::string> owners;
  };

  Columns columns;
  std::string unknown;      // written where nothing is known
  std::string time_format;  // letters of strftime; the file's times are UTC
  std::string kind;
  std::string summary;             // `{column}` stands for that column of the first row
  std::string channel = "import";  // where no column says it, or it is unknown
  std::map<std::string, std::string> channels;  // word of the file to word here
  std::map<std::string, std::string> severities;
  std::map<std::string, State> states;
  std::vector<Team> teams;
  int leave_open_percent = 0;  // of the tickets: those that close last
};

// INVALID_ARGUMENT names what is unknown, missing or no value.
absl::StatusOr<Mapping> ParseMapping(const std::string& yaml);
absl::StatusOr<Mapping> ReadMappingFile(const std::string& file);

// A time of the file. INVALID_ARGUMENT when the text is not exactly of that form, or the day does not exist.
absl::StatusOr<steward::Time> ParseFileTime(const std::string& text, const std::string& format);

}  // namespace stewardctl
