// stewardctl demo: commands that fill a running system with demonstration data.

#include "tools/stewardctl/command.h"

namespace stewardctl {

void AddDemo(Tool&) {}

}  // namespace stewardctl
