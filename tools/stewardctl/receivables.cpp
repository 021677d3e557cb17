// stewardctl receivables: what is owed, by contract, instalment and age.

#include <algorithm>

#include "libs/base/status.h"
#include "steward/orders/v1/receivables_service.pb.h"
#include "tools/stewardctl/amounts.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::orders::v1;

std::string ReceivableOf(const std::string& contract) {
  const std::string name = contract.starts_with("contracts/") ? contract : "contracts/" + contract;
  return name.ends_with("/receivable") ? name : name + "/receivable";
}

// Amounts line up at their right ends, so that their sizes can be compared at a glance.
void AlignRight(Table& table, size_t from, size_t to) {
  for (size_t column = from; column < to; ++column) {
    size_t width = table.header[column].size();
    for (const auto& row : table.rows) {
      width = std::max(width, row[column].size());
    }
    for (auto& row : table.rows) {
      row[column].insert(0, width - row[column].size(), ' ');
    }
    table.header[column].insert(0, width - table.header[column].size(), ' ');
  }
}

void PrintLedger(Session& session, const pb::Receivable& ledger) {
  session.Write(ledger.name() + " as of " + DayText(ledger.has_as_of(), ledger.as_of()) + "\n" +
                ledger.customer() + "  owner " + ledger.owner() + "\n\n");
  Table sums{{"", "AMOUNT"}, {}};
  for (const auto& [name, money] :
       {std::pair<std::string, const google::type::Money&>{"contract", ledger.amount()},
        {"cash", ledger.cash()},
        {"credit notes", ledger.credited()},
        {"written off", ledger.written_off()},
        {"outstanding", ledger.outstanding()},
        {"of it overdue", ledger.overdue()},
        {"customer's credit", ledger.credit()},
        {"overdrawn", ledger.overdrawn()}}) {
    sums.rows.push_back({name, AmountText(money)});
  }
  AlignRight(sums, 1, 2);
  session.Print(sums);
  session.Write("\n");
  Table table{
      {"NO", "DUE", "DUE DATE", "STANDING", "DAYS", "AMOUNT", "PAID", "OUTSTANDING", "SETTLED"},
      {}};
  for (const pb::InstalmentStanding& each : ledger.instalments()) {
    table.rows.push_back({std::to_string(each.number()), each.due(),
                          DayText(each.has_due_date(), each.due_date()), each.standing(),
                          std::to_string(each.overdue_days()), AmountText(each.amount()),
                          AmountText(each.paid()), AmountText(each.outstanding()),
                          DayText(each.has_settled_on(), each.settled_on())});
  }
  AlignRight(table, 4, 8);
  session.Print(table);
}

absl::Status Show(Session& session, const Args& args) {
  pb::GetReceivableRequest request;
  pb::Receivable ledger;
  request.set_name(ReceivableOf(args.Text("CONTRACT")));
  if (args.Has("as-of")) {
    RETURN_IF_ERROR(SetDay("--as-of", args.Text("as-of"), request.mutable_as_of()));
  }
  RETURN_IF_ERROR(session.Call("orders.GetReceivable", request, &ledger));
  session.json() ? session.Print(ledger) : PrintLedger(session, ledger);
  return absl::OkStatus();
}

absl::Status Ageing(Session& session, const Args& args) {
  pb::GetAgeingReportRequest request;
  pb::GetAgeingReportResponse report;
  request.set_group_by(args.Text("group-by"));
  if (args.Has("as-of")) {
    RETURN_IF_ERROR(SetDay("--as-of", args.Text("as-of"), request.mutable_as_of()));
  }
  RETURN_IF_ERROR(session.Call("orders.GetAgeingReport", request, &report));
  if (session.json()) {
    session.Print(report);
    return absl::OkStatus();
  }
  std::string group = request.group_by().empty() ? "all" : request.group_by();
  std::transform(group.begin(), group.end(), group.begin(),
                 [](char c) { return static_cast<char>(std::toupper(c)); });
  Table table{{group}, {}};
  if (report.rows_size() > 0) {
    for (const pb::AgeingBucket& bucket : report.rows(0).buckets()) {
      table.header.push_back(bucket.bucket());
    }
  }
  table.header.insert(table.header.end(), {"OUTSTANDING", "OVERDUE"});
  for (const pb::AgeingRow& row : report.rows()) {
    table.rows.push_back({row.group().empty() ? "-" : row.group()});
    for (const pb::AgeingBucket& bucket : row.buckets()) {
      table.rows.back().push_back(AmountText(bucket.outstanding()));
    }
    table.rows.back().push_back(AmountText(row.outstanding()));
    table.rows.back().push_back(AmountText(row.overdue()));
  }
  AlignRight(table, 1, table.header.size());
  session.Say("open on " + DayText(true, report.as_of()) + ", by days overdue");
  session.Print(table);
  return absl::OkStatus();
}

std::string Percent(bool given, int64_t basis_points) {
  if (!given) {
    return "-";
  }
  const std::string rest = std::to_string(basis_points % 100);
  return std::to_string(basis_points / 100) + "." + (rest.size() < 2 ? "0" : "") + rest + " %";
}

absl::Status Timeliness(Session& session, const Args& args) {
  pb::GetCollectionTimelinessRequest request;
  pb::GetCollectionTimelinessResponse report;
  RETURN_IF_ERROR(SetDay("FROM", args.Text("FROM"), request.mutable_from()));
  RETURN_IF_ERROR(SetDay("TO", args.Text("TO"), request.mutable_to()));
  request.set_group_by(args.Text("group-by"));
  RETURN_IF_ERROR(session.Call("orders.GetCollectionTimeliness", request, &report));
  if (session.json()) {
    session.Print(report);
    return absl::OkStatus();
  }
  Table table{{"GROUP", "DUE", "IN TIME", "BY AMOUNT", "INSTALMENTS", "IN TIME", "BY COUNT"}, {}};
  for (const pb::CollectionTimeliness& row : report.rows()) {
    table.rows.push_back(
        {row.group().empty() ? "-" : row.group(), AmountText(row.due()), AmountText(row.on_time()),
         Percent(row.has_amount_basis_points(), row.amount_basis_points()),
         std::to_string(row.due_instalments()), std::to_string(row.on_time_instalments()),
         Percent(row.has_count_basis_points(), row.count_basis_points())});
  }
  AlignRight(table, 1, table.header.size());
  session.Print(table);
  return absl::OkStatus();
}

Arg GroupByOption() {
  return Option("group-by", "A line for each of them (default: for each currency).")
      .Of({"owner", "team", "region", "customer"});
}

}  // namespace

void AddReceivables(Tool& tool) {
  tool.Group("receivables", "What is owed: by contract, by instalment, by age.");
  tool.Add({"receivables show",
            "The ledger of a contract with its instalments.",
            "stewardctl receivables show 0190d9a0-0000-7000-8000-000000000001\n"
            "stewardctl receivables show 0190d9a0-0000-7000-8000-000000000001 --as-of 2026-03-31",
            {Positional("CONTRACT", "`contracts/{uuid}` or the uuid."),
             Option("as-of", "At the end of this day, 2026-03-31 (default: today).")},
            Show});
  tool.AddCall(
      "receivables list", "orders.ListInstalments", "Instalments by filter, oldest due first.",
      "stewardctl receivables list --filter 'overdue_days >= 30 AND owner = "
      "\"members/agent-east-1\"'",
      {Option(
          "filter",
          "Terms joined by AND over standing owner team region customer overdue_days due_date.")});
  tool.Add(
      {"receivables ageing",
       "What is open, by days overdue.",
       "stewardctl receivables ageing --group-by owner\nstewardctl receivables ageing --as-of "
       "2026-03-31",
       {GroupByOption(), Option("as-of", "At the end of this day, 2026-03-31 (default: today).")},
       Ageing});
  tool.Add(
      {"receivables timeliness",
       "How much of what fell due was paid in time.",
       "stewardctl receivables timeliness 2026-01-01 2026-03-31 --group-by team",
       {Positional("FROM", "First due date."), Positional("TO", "Last due date."), GroupByOption()},
       Timeliness});
}

}  // namespace stewardctl
