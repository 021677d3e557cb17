// Ageing and timeliness over many contracts.

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/refusals.h"
#include "libs/rpc/values.h"
#include "services/orders/api/receivables_api.h"
#include "services/orders/domain/ageing.h"
#include "services/orders/domain/collection.h"

namespace steward::orders {
namespace {

using Key = std::pair<std::string, std::string>;  // group, currency

absl::Status Sum(int64_t& sum, int64_t more) {
  if (__builtin_add_overflow(sum, more, &sum)) {
    return Refuse(absl::StatusCode::kOutOfRange,
                  "the sum is beyond what can be kept; group by something finer",
                  {"AMOUNT_OVERFLOW"});
  }
  return absl::OkStatus();
}

struct Aged {
  std::vector<int64_t> open, instalments;
};

// Those in which something happened after the day: what they were then follows from the entries up to it.
absl::Status AddLedger(const AgeingBuckets& buckets, const LedgerData& data, absl::CivilDay as_of,
                       Aged& to) {
  ASSIGN_OR_RETURN(const LedgerState state, ComputeLedger(data.receivable, data.entries, as_of));
  ASSIGN_OR_RETURN(const std::vector<AgeingBucket> aged, AgeOpen(buckets, state.currency, {state}));
  for (size_t i = 0; i < aged.size(); ++i) {
    RETURN_IF_ERROR(Sum(to.open[i], aged[i].open.minor));
    to.instalments[i] += aged[i].instalments;
  }
  return absl::OkStatus();
}

bool SignedLater(const LedgerData& data, absl::CivilDay as_of) {
  const auto& signed_on = data.receivable.dates.signed_on;
  return signed_on && *signed_on > as_of;
}

absl::Status FillRow(const Key& key, const std::vector<AgeingBucket>& names, const Aged& aged,
                     v1::AgeingRow* row) {
  row->set_group(key.first);
  int64_t open = 0, overdue = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    v1::AgeingBucket& bucket = *row->add_buckets();
    bucket.set_bucket(NameOf(names[i]));
    bucket.set_instalments(aged.instalments[i]);
    rpc::ToProto(Money{key.second, aged.open[i]}, bucket.mutable_outstanding());
    RETURN_IF_ERROR(Sum(open, aged.open[i]));
    overdue += i > 0 ? aged.open[i] : 0;
  }
  rpc::ToProto(Money{key.second, open}, row->mutable_outstanding());
  rpc::ToProto(Money{key.second, overdue}, row->mutable_overdue());
  return absl::OkStatus();
}

}  // namespace

absl::Status ReceivablesApi::GetAgeingReport(const rpc::Call& call,
                                             const v1::GetAgeingReportRequest& request,
                                             v1::GetAgeingReportResponse* response) {
  absl::CivilDay as_of = Today();
  if (request.has_as_of()) {
    ASSIGN_OR_RETURN(as_of, rpc::FromProto("as_of", request.as_of()));
  }
  ASSIGN_OR_RETURN(const GroupBy group, ParseGroupBy(request.group_by()));
  AgeingBuckets buckets;
  if (request.bucket_ends_size() > 0) {
    buckets.ends.assign(request.bucket_ends().begin(), request.bucket_ends().end());
  }
  ASSIGN_OR_RETURN(const std::vector<AgeingBucket> names, AgeOpen(buckets, "CNY", {}));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const AgedLedgers aged,
                   SumByAge(*db, group, as_of, buckets.ends, call.reach, call.TimeLeft()));
  std::map<Key, Aged> rows;
  const auto row_of = [&](const Key& key) -> Aged& {
    Aged& row = rows[key];
    row.open.resize(names.size());
    row.instalments.resize(names.size());
    return row;
  };
  for (const AgedSum& sum : aged.sums) {
    Aged& row = row_of({sum.group, sum.currency});
    row.open[static_cast<size_t>(sum.bucket)] = sum.open;
    row.instalments[static_cast<size_t>(sum.bucket)] = sum.instalments;
  }
  RETURN_IF_ERROR(ForEachLedger(call, *db, aged.moved, [&](const LedgerData& data) -> absl::Status {
    if (SignedLater(data, as_of)) {
      return absl::OkStatus();
    }
    return AddLedger(
        buckets, data, as_of,
        row_of({GroupOf(group, data.party), data.receivable.plan.front().amount.currency}));
  }));
  rpc::ToProto(as_of, response->mutable_as_of());
  for (const auto& [key, row] : rows) {
    if (std::any_of(row.instalments.begin(), row.instalments.end(),
                    [](int64_t n) { return n > 0; })) {
      RETURN_IF_ERROR(FillRow(key, names, row, response->add_rows()));
    }
  }
  return absl::OkStatus();
}

absl::Status ReceivablesApi::GetCollectionTimeliness(
    const rpc::Call& call, const v1::GetCollectionTimelinessRequest& request,
    v1::GetCollectionTimelinessResponse* response) {
  ASSIGN_OR_RETURN(const absl::CivilDay from, rpc::FromProto("from", request.from()));
  ASSIGN_OR_RETURN(const absl::CivilDay to, rpc::FromProto("to", request.to()));
  if (to < from) {
    return FieldInvalid("to", "is not before `from`");
  }
  ASSIGN_OR_RETURN(const GroupBy group, ParseGroupBy(request.group_by()));
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(deps_.env, call));
  ASSIGN_OR_RETURN(const std::vector<Uuid> contracts,
                   ContractsDue(*db, from, to, call.reach, call.TimeLeft()));
  std::map<Key, Timeliness> rows;
  RETURN_IF_ERROR(ForEachLedger(call, *db, contracts, [&](const LedgerData& data) -> absl::Status {
    ASSIGN_OR_RETURN(const Timeliness each,
                     CollectionTimeliness(data.receivable, data.entries, from, to, Today()));
    Timeliness& row =
        rows[{GroupOf(group, data.party), data.receivable.plan.front().amount.currency}];
    RETURN_IF_ERROR(Sum(row.due, each.due));
    RETURN_IF_ERROR(Sum(row.on_time, each.on_time));
    row.due_instalments += each.due_instalments;
    row.on_time_instalments += each.on_time_instalments;
    return absl::OkStatus();
  }));
  for (const auto& [key, row] : rows) {
    v1::CollectionTimeliness& out = *response->add_rows();
    out.set_group(key.first);
    rpc::ToProto(Money{key.second, row.due}, out.mutable_due());
    rpc::ToProto(Money{key.second, row.on_time}, out.mutable_on_time());
    out.set_due_instalments(row.due_instalments);
    out.set_on_time_instalments(row.on_time_instalments);
    if (const auto share = ShareOf(row.on_time, row.due)) {
      out.set_amount_basis_points(*share);
    }
    if (const auto share = ShareOf(row.on_time_instalments, row.due_instalments)) {
      out.set_count_basis_points(*share);
    }
  }
  return absl::OkStatus();
}

}  // namespace steward::orders
