#pragma once
// The time shift of a replay, kept in a file from its first run on, so that a later run finds the same tickets.

#include <string>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace stewardctl {

struct Shift {
  steward::Duration by;
  int64_t run = 1;  // 1 at the first, one more at each further run
};

// `replay-<hash of the content>.json` in the folder of the context file, in `.run` when there is none.
std::string ShiftFile(const std::string& context_file, const std::string& content);
// The stored shift, or one that takes `last` to the minute of `now`; stores it with the number of this run.
absl::StatusOr<Shift> TakeShift(const std::string& file, steward::Time last, steward::Time now);

// The same id for the same words, RFC 9562 version 8.
std::string IdOf(const std::string& words);
// An id for one call of one run.
std::string RequestId(const std::string& number, const Shift& shift);

}  // namespace stewardctl
