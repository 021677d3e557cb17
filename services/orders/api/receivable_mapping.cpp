#include "services/orders/api/receivable_mapping.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "libs/base/refusals.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/orders/events/ledger_events.h"

namespace steward::orders {
namespace {

constexpr std::array kEntryKinds = {EntryKind::kReceipt, EntryKind::kRefund, EntryKind::kCreditNote,
                                    EntryKind::kWriteOff, EntryKind::kReversal};
constexpr std::array kStandings = {Standing::kPlanned, Standing::kDue,     Standing::kPartlyPaid,
                                   Standing::kPaid,    Standing::kOverdue, Standing::kWrittenOff};
constexpr int64_t kMaxDays = 100'000;

template <class Values>
auto FromName(const Values& values, std::string_view name)
    -> std::optional<typename Values::value_type> {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [name](auto each) { return NameOf(each) == name; });
  return found == values.end() ? std::nullopt : std::optional(*found);
}
template <class Values>
std::string NamesOf(const Values& values) {
  std::vector<std::string_view> names;
  for (const auto each : values) {
    names.push_back(NameOf(each));
  }
  return Join(names);
}

// `contracts/{uuid}{rest}`; `rest` is what follows the id.
absl::StatusOr<Uuid> ContractIn(std::string_view field, std::string_view name,
                                std::string_view rest, std::string_view form) {
  constexpr std::string_view kContracts = "contracts/";
  const absl::Status fault = FieldInvalid(field, "is `" + std::string(form) + "`");
  if (!name.starts_with(kContracts) || !name.ends_with(rest) ||
      name.size() <= kContracts.size() + rest.size()) {
    return fault;
  }
  const auto id =
      Uuid::Parse(name.substr(kContracts.size(), name.size() - kContracts.size() - rest.size()));
  return id.ok() ? id : fault;
}

// The entry of `contracts/{uuid}/payments/{uuid}`.
absl::StatusOr<Uuid> ReversedEntry(const std::string& field, const std::string& name,
                                   const Uuid& contract) {
  const std::string prefix = "contracts/" + contract.ToString() + "/payments/";
  const auto id = Uuid::Parse(std::string_view(name).substr(std::min(prefix.size(), name.size())));
  if (!name.starts_with(prefix) || !id.ok()) {
    return FieldInvalid(field, "is a payment of the same contract, `" + prefix + "{uuid}`");
  }
  return id;
}

struct MoneyWriter {
  std::string currency;
  void operator()(int64_t minor, google::type::Money* to) const {
    rpc::ToProto(Money{currency, minor}, to);
  }
};

void FillInstalment(const Uuid& contract, const LedgerParty& party, const std::string& currency,
                    const DueCondition& condition, const InstalmentStanding& from,
                    v1::InstalmentStanding* to) {
  const MoneyWriter money{currency};
  to->set_name(InstalmentName(contract, from.number));
  to->set_number(static_cast<int32_t>(from.number));
  to->set_due(FormatDue(condition));
  if (from.due) {
    rpc::ToProto(*from.due, to->mutable_due_date());
  }
  money(from.amount, to->mutable_amount());
  money(from.paid, to->mutable_paid());
  money(from.credited, to->mutable_credited());
  money(from.written_off, to->mutable_written_off());
  money(from.open(), to->mutable_outstanding());
  to->set_standing(std::string(NameOf(from.standing)));
  to->set_overdue_days(static_cast<int32_t>(from.overdue_days));
  if (from.settled_on) {
    rpc::ToProto(*from.settled_on, to->mutable_settled_on());
  }
  to->set_customer(party.customer);
  to->set_owner(party.owner);
  to->set_team(party.team);
  to->set_region(party.region);
}

void Narrow(std::optional<absl::CivilDay>& from, std::optional<absl::CivilDay>& to,
            std::string_view op, absl::CivilDay day) {
  if (op == "=" || op == ">=" || op == ">") {
    from = std::max(from.value_or(absl::CivilDay(1, 1, 1)), op == ">" ? day + 1 : day);
  }
  if (op == "=" || op == "<=" || op == "<") {
    to = std::min(to.value_or(absl::CivilDay(9999, 12, 31)), op == "<" ? day - 1 : day);
  }
}

absl::Status ApplyOverdue(const rpc::FilterTerm& term, absl::CivilDay today,
                          InstalmentFilter& filter) {
  int64_t days = 0;
  const char* end = term.value.data() + term.value.size();
  const auto read = std::from_chars(term.value.data(), end, days);
  if (read.ec != std::errc() || read.ptr != end || days < 0 || days > kMaxDays) {
    return FieldInvalid("filter", "`overdue_days` is a number of days from 0");
  }
  const int64_t least = term.op == ">" ? days + 1 : term.op == ">=" || term.op == "=" ? days : 0;
  if (least > 0) {
    filter.open_only = true;
    Narrow(filter.due_from, filter.due_to, "<=", today - least);
  }
  if (term.op == "=" || term.op == "<=" || term.op == "<") {
    const int64_t most = term.op == "<" ? days - 1 : days;
    filter.overdue_at_most = std::min(filter.overdue_at_most.value_or(most), most);
  }
  return absl::OkStatus();
}

absl::Status ApplyStanding(const std::string& value, absl::CivilDay today, InstalmentQuery& query) {
  const std::optional<Standing> standing = FromName(kStandings, value);
  if (!standing) {
    return FieldInvalid("filter", "`standing` is one of " + NamesOf(kStandings));
  }
  InstalmentFilter& filter = query.filter;
  query.nothing = query.nothing || (filter.standing && *filter.standing != *standing);
  filter.standing = standing;
  filter.open_only =
      filter.open_only || (*standing != Standing::kPaid && *standing != Standing::kWrittenOff);
  if (*standing == Standing::kOverdue) {
    Narrow(filter.due_from, filter.due_to, "<", today);
  } else if (*standing == Standing::kDue) {
    Narrow(filter.due_from, filter.due_to, "=", today);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Uuid> ParseReceivableName(std::string_view field, std::string_view name) {
  return ContractIn(field, name, "/receivable", "contracts/{uuid}/receivable");
}

absl::StatusOr<StoredEntry> EntryFrom(const std::string& path, const v1::Payment& from,
                                      const Uuid& contract, absl::CivilDay today) {
  rpc::Faults faults(path);
  StoredEntry to;
  to.contract = contract;
  CashEntry& entry = to.entry;
  const std::optional<EntryKind> kind =
      from.kind().empty() ? std::optional(EntryKind::kReceipt) : FromName(kEntryKinds, from.kind());
  if (!kind) {
    faults.Add("kind", "is one of " + NamesOf(kEntryKinds));
  }
  entry.kind = kind.value_or(EntryKind::kReceipt);
  const auto amount = rpc::FromProto(path + ".amount", from.amount());
  faults.Add(amount.status());
  entry.amount = amount.value_or(Money{});
  entry.occurred_on = today;
  if (from.has_occurred_on()) {
    const auto day = rpc::FromProto(path + ".occurred_on", from.occurred_on());
    faults.Add(day.status());
    entry.occurred_on = day.value_or(today);
  }
  for (int i = 0; i < from.parts_size(); ++i) {
    const auto part =
        rpc::FromProto(path + ".parts[" + std::to_string(i) + "].amount", from.parts(i).amount());
    faults.Add(part.status());
    entry.parts.push_back({from.parts(i).instalment(), part.value_or(Money{})});
  }
  if (!from.reverses().empty()) {
    const auto reversed = ReversedEntry(path + ".reverses", from.reverses(), contract);
    faults.Add(reversed.status());
    entry.reverses = reversed.ok() ? std::optional(*reversed) : std::nullopt;
  }
  to.source = faults.Line("source", from.source());
  to.external_id = faults.Line("external_id", from.external_id(), 200);
  if (to.source.empty() != to.external_id.empty()) {
    faults.Add(to.source.empty() ? "source" : "external_id",
               "is given with the other of `source` and `external_id`");
  }
  RETURN_IF_ERROR(faults.status());
  return to;
}

void ToProto(const StoredEntry& from, v1::Payment* to) {
  const CashEntry& entry = from.entry;
  to->set_name(PaymentName(from.contract, entry.id));
  to->set_kind(std::string(NameOf(entry.kind)));
  rpc::ToProto(entry.amount, to->mutable_amount());
  rpc::ToProto(entry.occurred_on, to->mutable_occurred_on());
  for (const EntryPart& part : entry.parts) {
    v1::PaymentPart& added = *to->add_parts();
    added.set_instalment(static_cast<int32_t>(part.instalment));
    rpc::ToProto(part.amount, added.mutable_amount());
  }
  if (entry.reverses) {
    to->set_reverses(PaymentName(from.contract, *entry.reverses));
  }
  to->set_source(from.source);
  to->set_external_id(from.external_id);
  to->set_recorded_by(from.recorded_by);
  *to->mutable_record_time() = rpc::ToProto(from.record_time);
}

void ToProto(const LedgerData& data, const LedgerState& state, absl::CivilDay as_of,
             v1::Receivable* to) {
  const MoneyWriter money{state.currency};
  to->set_name(ReceivableName(data.contract));
  to->set_customer(data.party.customer);
  to->set_owner(data.party.owner);
  to->set_team(data.party.team);
  to->set_region(data.party.region);
  rpc::ToProto(as_of, to->mutable_as_of());
  money(state.contract, to->mutable_amount());
  money(state.cash, to->mutable_cash());
  money(state.credited, to->mutable_credited());
  money(state.written_off, to->mutable_written_off());
  money(state.open, to->mutable_outstanding());
  money(state.credit, to->mutable_credit());
  money(state.overdrawn, to->mutable_overdrawn());
  int64_t overdue = 0;
  for (size_t i = 0; i < state.instalments.size(); ++i) {
    const InstalmentStanding& standing = state.instalments[i];
    overdue += standing.standing == Standing::kOverdue ? standing.open() : 0;
    FillInstalment(data.contract, data.party, state.currency, data.receivable.plan[i].due, standing,
                   to->add_instalments());
  }
  money(overdue, to->mutable_overdue());
  const DueEventDates& dates = data.receivable.dates;
  if (dates.signed_on && *dates.signed_on <= as_of) {
    rpc::ToProto(*dates.signed_on, to->mutable_signed_on());
  }
  if (dates.delivered_on && *dates.delivered_on <= as_of) {
    rpc::ToProto(*dates.delivered_on, to->mutable_delivered_on());
  }
  if (dates.accepted_on && *dates.accepted_on <= as_of) {
    rpc::ToProto(*dates.accepted_on, to->mutable_accepted_on());
  }
  to->set_etag("\"" + std::to_string(data.version) + "\"");
}

void ToProto(const ListedInstalment& from, v1::InstalmentStanding* to) {
  FillInstalment(from.contract, from.party, from.currency, from.condition, from.standing, to);
}

absl::StatusOr<InstalmentQuery> ParseInstalmentFilter(std::string_view filter,
                                                      absl::CivilDay today) {
  static const std::map<std::string, std::string> kFields{{"standing", "="},
                                                          {"owner", "="},
                                                          {"team", "="},
                                                          {"region", "="},
                                                          {"customer", "="},
                                                          {"overdue_days", "= < <= > >="},
                                                          {"due_date", "= < <= > >="}};
  ASSIGN_OR_RETURN(const std::vector<rpc::FilterTerm> terms, rpc::ParseFilter(filter, kFields));
  InstalmentQuery query;
  InstalmentFilter& to = query.filter;
  for (const rpc::FilterTerm& term : terms) {
    if (term.field == "standing") {
      RETURN_IF_ERROR(ApplyStanding(term.value, today, query));
    } else if (term.field == "overdue_days") {
      RETURN_IF_ERROR(ApplyOverdue(term, today, to));
    } else if (term.field == "due_date") {
      ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDay("filter", term.value));
      Narrow(to.due_from, to.due_to, term.op, day);
    } else {
      auto& text = term.field == "owner"    ? to.owner
                   : term.field == "team"   ? to.team
                   : term.field == "region" ? to.region
                                            : to.customer;
      query.nothing = query.nothing || (text && *text != term.value);
      text = term.value;
    }
  }
  return query;
}

absl::StatusOr<GroupBy> ParseGroupBy(std::string_view group) {
  constexpr std::array<std::string_view, 5> kNames = {"", "owner", "team", "region", "customer"};
  const auto found = std::find(kNames.begin(), kNames.end(), group);
  if (found == kNames.end()) {
    return FieldInvalid("group_by", "is empty or one of owner, team, region, customer");
  }
  return static_cast<GroupBy>(found - kNames.begin());
}

const std::string& GroupOf(GroupBy group, const LedgerParty& party) {
  static const std::string& nothing = *new std::string;
  switch (group) {
    case GroupBy::kOwner:
      return party.owner;
    case GroupBy::kTeam:
      return party.team;
    case GroupBy::kRegion:
      return party.region;
    case GroupBy::kCustomer:
      return party.customer;
    case GroupBy::kNothing:
      break;
  }
  return nothing;
}

}  // namespace steward::orders
