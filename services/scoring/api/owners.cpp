#include "services/scoring/api/owners.h"

#include <cmath>
#include <future>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"

namespace steward::scoring {
namespace {

namespace ops = operations::v1;

// The relay goes by transaction, so that what comes later in its order may have been recorded earlier, but not by more than a
// transaction lasts.
constexpr Duration kLongestTransaction = Seconds(60);

// Ages are read a moment before the clock.
Time Before(Time now, double age_seconds) {
  return now - Microseconds(static_cast<int64_t>(std::ceil(age_seconds * 1e6)));
}

std::string Ask(const Owner& owner, const rpc::Call& call, Time end) {
  ops::ServiceStatus status;
  const absl::Status asked = owner.ask(call, &status);
  if (absl::IsPermissionDenied(asked)) {
    return "its relay could not be asked as you: " + std::string(FromAbsl(asked.message()));
  }
  if (!asked.ok()) {
    return "its relay could not be asked: " + std::string(FromAbsl(asked.message()));
  }
  return FaultOf(status, end);
}

}  // namespace

std::string FaultOf(const ops::ServiceStatus& status, Time end) {
  if (!status.has_database_time()) {
    return "its answer does not say when it was given";
  }
  const Time now = rpc::FromProto(status.database_time());
  if (now < end) {
    return "its clock says " + FormatTime(now) + ", the period ends at " + FormatTime(end);
  }
  if (!status.relay_refusal().empty()) {
    return "its relay refuses to run: " + status.relay_refusal();
  }
  if (status.oldest_writer_age_seconds() > 0) {
    const Time began = Before(now, status.oldest_writer_age_seconds());
    if (began < end) {
      return "a transaction that began at " + FormatTime(began) + " is still writing";
    }
  }
  if (status.outbox_pending() > 0) {
    const Time oldest = Before(now, status.outbox_oldest_age_seconds());
    if (oldest < end + kLongestTransaction) {
      return "its relay holds " + std::to_string(status.outbox_pending()) +
             " events back, the oldest of " + FormatTime(oldest);
    }
  }
  return "";
}

std::vector<std::string> AskOwners(const std::vector<Owner>& owners, const rpc::Call& call,
                                   Time end) {
  std::vector<std::future<std::string>> answers;
  answers.reserve(owners.size());
  for (const Owner& owner : owners) {
    answers.push_back(std::async(std::launch::async, Ask, std::cref(owner), std::cref(call), end));
  }
  std::vector<std::string> missing;
  for (size_t i = 0; i < owners.size(); ++i) {
    const std::string fault = answers[i].get();
    if (!fault.empty()) {
      missing.push_back(owners[i].service + " (" + owners[i].topic + "): " + fault);
    }
  }
  return missing;
}

}  // namespace steward::scoring
