#pragma once
// stewardctl demo sales: a whole line of business from the files of deploy/demo/sales, through the public APIs.

#include "absl/status/status.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {

// Done again with the same shift file it changes nothing: every call bears a request id made of its words.
absl::Status LoadSales(Session& session, const Args& args);

}  // namespace stewardctl
