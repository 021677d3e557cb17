#pragma once
// Looking into a partition, for operators; nothing is joined or committed.

#include <string>
#include <vector>

#include "libs/kafka/kafka.h"

namespace steward::kafka {

// The records of [from, end), in order; control records are left out. A client of its own: for rare use.
absl::StatusOr<std::vector<Record>> ReadRange(const Options& options, const std::string& topic,
                                              int partition, int64_t from, int64_t end,
                                              Duration timeout);

}  // namespace steward::kafka
