#pragma once
// `leads import` and `customers import`: rows of a file in batches, good ones stored, the others reported.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {

// FILE, --from-line, --batch, --progress; `columns` are some that a file may have.
std::vector<Arg> ImportArgs(const std::string& columns, std::vector<Arg> more);
absl::Status ImportLeads(Session& session, const Args& args);
absl::Status ImportCustomers(Session& session, const Args& args);

}  // namespace stewardctl
