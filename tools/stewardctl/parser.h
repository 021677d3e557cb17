#pragma once
// The command line, parsed along the tree of commands. CLI11 is hidden behind it.

#include <string>

#include "tools/stewardctl/command.h"

namespace stewardctl {

struct Parsed {
  const Command* command = nullptr;  // null: print the texts and end with `exit_code`
  Args args;
  Args globals;
  std::string out, err;
  int exit_code = 0;
};
// `tool` must outlive the result.
Parsed ParseCommandLine(const Tool& tool, int argc, const char* const* argv);

}  // namespace stewardctl
