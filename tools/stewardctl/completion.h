#pragma once
// Shell completion from the tree of commands.

#include <string>

#include "tools/stewardctl/command.h"

namespace stewardctl {

// A bash script that completes groups, commands, options and the choices of options.
std::string BashCompletion(const Tool& tool);

}  // namespace stewardctl
