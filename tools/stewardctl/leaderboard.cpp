// stewardctl leaderboard: who has most of a measure in a period.

#include <cstdio>

#include "libs/base/status.h"
#include "libs/rpc/values.h"
#include "steward/scoring/v1/leaderboards_service.pb.h"
#include "steward/scoring/v1/measures_service.pb.h"
#include "tools/stewardctl/amounts.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {
namespace {

namespace pb = steward::scoring::v1;

// `2026`, `2026Q3` or `2026-07`.
absl::Status SetPeriod(const std::string& text, pb::GetLeaderboardRequest* request) {
  int year = 0;
  int part = 0;
  char kind = 0;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%4d%c%d%c", &year, &kind, &part, &rest);
  int first = 1;
  int last = 12;
  if (read == 3 && kind == 'Q' && part >= 1 && part <= 4) {
    first = 3 * part - 2;
    last = 3 * part;
  } else if (read == 3 && kind == '-' && part >= 1 && part <= 12) {
    first = last = part;
  } else if (read != 1 || text.size() != 4) {
    return steward::FieldInvalid("--period",
                                 "is a year `2026`, a quarter `2026Q3` or a month "
                                 "`2026-07`");
  }
  steward::rpc::ToProto(absl::CivilDay(year, first), request->mutable_first_day());
  steward::rpc::ToProto(absl::CivilDay(absl::CivilMonth(year, last) + 1) - 1,
                        request->mutable_last_day());
  return absl::OkStatus();
}

// Of money when there is a currency.
std::string TotalText(const std::string& unit, const std::string& currency, int64_t total) {
  if (unit == "duration") {
    return DurationText(total);
  }
  return currency.empty() ? std::to_string(total) : AmountText(total, currency);
}

void AddRow(const pb::Leaderboard::Place& place, const std::string& unit,
            const std::string& currency, Table& table) {
  table.rows.push_back(
      {std::to_string(place.rank()), place.subject(), TotalText(unit, currency, place.total())});
}

// `count`, `money` or `duration`.
absl::StatusOr<std::string> UnitOf(Session& session, const std::string& measure) {
  pb::ListMeasuresResponse all;
  RETURN_IF_ERROR(session.Call("scoring.ListMeasures", pb::ListMeasuresRequest(), &all));
  for (const pb::Measure& each : all.measures()) {
    if (each.id() == measure) {
      return each.unit();
    }
  }
  return std::string("count");
}

// Who was asked for comes last, unless it is among the first already.
void PrintBoard(Session& session, const pb::Leaderboard& board, const char* what,
                const std::string& unit, const std::string& currency) {
  Table table{{"RANK", "SUBJECT", what}, {}};
  bool shown = false;
  for (const pb::Leaderboard::Place& place : board.places()) {
    AddRow(place, unit, currency, table);
    shown = shown || place.subject() == board.own().subject();
  }
  if (board.has_own() && !shown) {
    AddRow(board.own(), unit, currency, table);
  }
  session.Print(table);
  session.Say(std::to_string(board.subjects()) + " have a place");
}

absl::Status Show(Session& session, const Args& args) {
  pb::GetLeaderboardRequest request;
  request.set_measure(args.Text("MEASURE"));
  request.set_subject_kind(args.Text("subject-kind"));
  request.set_currency(args.Text("currency"));
  request.set_subject(args.Text("subject"));
  ASSIGN_OR_RETURN(const int64_t top, args.Number("top", 10, 1, 100));
  request.set_top(static_cast<int32_t>(top));
  RETURN_IF_ERROR(SetPeriod(args.Text("period"), &request));
  pb::Leaderboard board;
  RETURN_IF_ERROR(session.Call("scoring.GetLeaderboard", request, &board));
  if (session.json()) {
    session.Print(board);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string unit, UnitOf(session, request.measure()));
  PrintBoard(session, board, "TOTAL", unit, request.currency());
  return absl::OkStatus();
}

absl::Status ShowLeads(Session& session, const Args& args) {
  pb::GetLeadLeaderboardRequest request;
  request.set_subject_kind(args.Text("subject-kind"));
  request.set_band(args.Text("band"));
  request.set_subject(args.Text("subject"));
  ASSIGN_OR_RETURN(const int64_t top, args.Number("top", 10, 1, 100));
  request.set_top(static_cast<int32_t>(top));
  pb::Leaderboard board;
  RETURN_IF_ERROR(session.Call("scoring.GetLeadLeaderboard", request, &board));
  if (session.json()) {
    session.Print(board);
  } else {
    PrintBoard(session, board, "LEADS", "count", "");
  }
  return absl::OkStatus();
}

}  // namespace

void AddLeaderboard(Tool& tool) {
  tool.Add(
      {"leaderboard",
       "Who has most of a measure in a period.",
       "stewardctl leaderboard won_amount --currency CNY --period 2026Q3 --subject-kind "
       "member --subject members/li",
       {Positional("MEASURE", "Measure; see `measures list`."),
        Option("period", "`2026`, `2026Q3` or `2026-07`.").Needed(),
        Option("subject-kind", "Of whom.").Of({"member", "team", "region", "customer"}).Needed(),
        Option("currency", "Of a measure of money."),
        Option("top", "So many of the first, up to 100; 10 without it."),
        Option("subject", "Also the place of this one.")},
       Show});
  tool.Add({"scores leaderboard",
            "Who has most open leads now, of one band or of all.",
            "stewardctl scores leaderboard --subject-kind member --band hot",
            {Option("subject-kind", "Of whom.").Of({"member", "team"}).Needed(),
             Option("band", "A band of the active model; all leads with a score without it."),
             Option("top", "So many of the first, up to 100; 10 without it."),
             Option("subject", "Also the place of this one.")},
            ShowLeads});
}

}  // namespace stewardctl
