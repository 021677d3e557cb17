#pragma once
// Commands that are one call: arguments to request, call, answer to output.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {

// The answer has `next_page_token` and the request `page_token`.
bool IsListMethod(const std::string& method);

// Makes the call and prints the answer; pages through a list up to `--limit` rows.
absl::Status CallAndPrint(Session& session, const std::string& method,
                          const std::vector<Arg>& declared, const Args& given);

// Calls a list method until `limit` elements of its list are there, all merged into `response`.
absl::Status CallPages(Session& session, const std::string& method,
                       google::protobuf::Message& request, int64_t limit,
                       google::protobuf::Message* response);

}  // namespace stewardctl
