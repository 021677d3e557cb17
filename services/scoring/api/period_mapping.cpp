#include "services/scoring/api/period_mapping.h"

#include "libs/base/refusals.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"

namespace steward::scoring {

void ToProto(const Period& period, v1::Period* out) {
  out->set_name(period.name);
  out->set_kind(std::string(NameOf(period.kind)));
  rpc::ToProto(period.first, out->mutable_first_day());
  rpc::ToProto(period.last, out->mutable_last_day());
  out->set_state("OPEN");
}

void ToProto(const Period& period, const StoredPeriod& stored, v1::Period* out) {
  ToProto(period, out);
  out->set_state(stored.state);
  *out->mutable_freeze_time() = rpc::ToProto(stored.freeze_time);
  out->set_frozen_by(stored.frozen_by);
  if (stored.close_time) {
    *out->mutable_close_time() = rpc::ToProto(*stored.close_time);
  }
  out->set_closed_by(stored.closed_by);
  out->set_hash(stored.hash);
}

absl::Status WrongState(const std::string& period, std::string_view is, std::string_view wanted) {
  return Precondition("PERIOD_STATE",
                      "the period is " + std::string(is) + "; it has to be " + std::string(wanted),
                      {{"period", period}, {"state", std::string(is)}});
}

}  // namespace steward::scoring
