#include <map>

#include "libs/base/status.h"
#include "libs/eventing/consumer.h"

namespace steward::eventing {
namespace {

constexpr pg::Statement kInputs = {
    "consumer_inputs",
    "SELECT o.topic, o.partition, o.next_offset, o.end_offset, o.halted, "
    "coalesce(o.end_confirmed_at > clock_timestamp() - $2::bigint * interval '1 microsecond', "
    "false) "
    "FROM consumer_offset o WHERE o.consumer_group = $1"};

// Empty = caught up.
std::string Fault(const pg::Result& rows, int row) {
  if (!rows.Text(row, 4).empty()) {
    return "halted: " + rows.Text(row, 4);
  }
  if (!rows.Bool(row, 5) || rows.Int(row, 3) < 0) {
    return "its end is not confirmed";
  }
  if (rows.Int(row, 2) < rows.Int(row, 3)) {
    return std::to_string(rows.Int(row, 3) - rows.Int(row, 2)) + " records behind";
  }
  return "";
}

}  // namespace

absl::StatusOr<InputHealth> CheckInputs(pg::Connection& connection, std::string_view group,
                                        const std::vector<Input>& inputs, Duration max_age) {
  ASSIGN_OR_RETURN(pg::Result rows,
                   connection.Run(kInputs, pg::Params().Add(group).Add(max_age.micros)));
  std::map<std::pair<std::string, int64_t>, int> row_of;
  for (int i = 0; i < rows.rows(); ++i) {
    row_of[{rows.Text(i, 0), rows.Int(i, 1)}] = i;
  }
  for (const Input& input : inputs) {
    for (int partition = 0; partition < input.partitions; ++partition) {
      const auto it = row_of.find({input.topic, partition});
      const std::string fault = it == row_of.end() ? "never read" : Fault(rows, it->second);
      if (!fault.empty()) {
        return InputHealth{.caught_up = false,
                           .detail = input.topic + "/" + std::to_string(partition) + ": " + fault};
      }
    }
  }
  return InputHealth{.caught_up = true, .detail = ""};
}

}  // namespace steward::eventing
