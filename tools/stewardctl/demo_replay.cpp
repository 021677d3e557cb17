#include "tools/stewardctl/demo_replay.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "steward/complaints/v1/complaints_service.pb.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tools/stewardctl/call.h"
#include "tools/stewardctl/demo_history.h"
#include "tools/stewardctl/demo_progress.h"
#include "tools/stewardctl/demo_sales_plan.h"
#include "tools/stewardctl/demo_shift.h"
#include "tools/stewardctl/demo_summary.h"
#include "tools/stewardctl/exit_code.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {
namespace {

namespace complaints = steward::complaints::v1;
namespace sla = steward::sla::v1;
using steward::Duration;

constexpr int kCallsAtOnce = 4;
constexpr int kSubjectsAtOnce = 100;  // of BatchGetClocks
constexpr int64_t kMaxEscalations = 1'000'000;
constexpr Duration kClocksWithin = steward::Seconds(60);
constexpr Duration kBetweenLooks = steward::Milliseconds(500);
// A threshold that is past when armed waits 2 s for facts before it fires.
constexpr Duration kSettled = steward::Seconds(4);
constexpr size_t kWorst = 3;

// Errors that the next ticket would meet as well.
bool StopsAll(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

std::string Text(const absl::Status& status) {
  const std::string reason = steward::ReasonOf(status);
  return std::string(steward::FromAbsl(status.message())) +
         (reason.empty() ? "" : " (" + reason + ")");
}

// Registers tickets, a few at once. The first call of a session makes its connection, so one must have been made before.
class Registration {
 public:
  Registration(Session& session, const std::vector<PastTicket>& tickets, Progress& progress)
      : session_(session), tickets_(tickets), progress_(progress) {}

  // `make` says what to send. An error is one that stops all; refused tickets are in the summary.
  absl::Status Run(const std::function<complaints::RegisterTicketRequest(const PastTicket&)>& make,
                   ReplaySummary* summary) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kCallsAtOnce; ++i) {
      threads.emplace_back([&] {
        while (const PastTicket* ticket = Next()) {
          complaints::RegisterTicketRequest request = make(*ticket);
          complaints::RegisterTicketResponse response;
          const absl::Status status =
              session_.Call("complaints.RegisterTicket", request, &response);
          Take(*ticket, status, response, summary);
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    return stopped_;
  }
  // The file's number by ticket name.
  const std::map<std::string, std::string>& numbers() const { return numbers_; }

 private:
  const PastTicket* Next() {
    const std::lock_guard lock(mutex_);
    return stopped_.ok() && next_ < tickets_.size() ? &tickets_[next_++] : nullptr;
  }
  void Take(const PastTicket& ticket, const absl::Status& status,
            const complaints::RegisterTicketResponse& response, ReplaySummary* summary) {
    const std::lock_guard lock(mutex_);
    progress_.Show(++done_);
    if (status.ok()) {
      (response.already_existed() ? summary->unchanged : summary->fresh) += 1;
      numbers_[response.ticket().name()] = ticket.number;
    } else if (StopsAll(status)) {
      stopped_ = status;
    } else {
      summary->failed += 1;
      summary->problems.push_back({ticket.line, "ticket " + ticket.number, Text(status)});
    }
  }

  Session& session_;
  const std::vector<PastTicket>& tickets_;
  Progress& progress_;
  std::mutex mutex_;
  size_t next_ = 0;
  int64_t done_ = 0;
  absl::Status stopped_;
  std::map<std::string, std::string> numbers_;
};

absl::StatusOr<std::vector<sla::Clock>> ClocksOf(
    Session& session, const std::map<std::string, std::string>& numbers) {
  std::vector<sla::Clock> clocks;
  for (auto at = numbers.begin(); at != numbers.end();) {
    sla::BatchGetClocksRequest request;
    for (; at != numbers.end() && request.subjects_size() < kSubjectsAtOnce; ++at) {
      request.add_subjects(at->first);
    }
    sla::BatchGetClocksResponse response;
    RETURN_IF_ERROR(session.Call("sla.BatchGetClocks", request, &response));
    std::move(response.mutable_clocks()->begin(), response.mutable_clocks()->end(),
              std::back_inserter(clocks));
  }
  return clocks;
}

absl::StatusOr<bool> AnyPolicyActive(Session& session) {
  sla::ListPoliciesRequest request;
  sla::ListPoliciesResponse response;
  RETURN_IF_ERROR(CallPages(session, "sla.ListPolicies", request, 10'000, &response));
  return std::any_of(response.policies().begin(), response.policies().end(),
                     [](const sla::Policy& policy) { return policy.active(); });
}

// Looks until every ticket has a clock and, when there are new tickets, no clock has changed for a while.
absl::StatusOr<std::vector<sla::Clock>> AwaitClocks(
    Session& session, const std::map<std::string, std::string>& numbers, bool fresh,
    Progress::Style style, int* without_clock) {
  ASSIGN_OR_RETURN(const bool promised, AnyPolicyActive(session));
  Progress progress(style, "clocks", static_cast<int64_t>(numbers.size()));
  const int64_t end = steward::MonotonicMicros() + kClocksWithin.micros;
  std::vector<sla::Clock> clocks;
  absl::Status status;
  int64_t versions = -1, changed_at = 0;
  Poll(kBetweenLooks, [&] {
    auto found = ClocksOf(session, numbers);
    if (status = found.status(); !status.ok()) {
      return false;
    }
    clocks = *std::move(found);
    std::set<std::string> covered;
    int64_t sum = 0;
    for (const sla::Clock& clock : clocks) {
      covered.insert(clock.subject());
      sum += clock.version();
    }
    progress.Show(static_cast<int64_t>(covered.size()));
    *without_clock = static_cast<int>(numbers.size() - covered.size());
    const int64_t now = steward::MonotonicMicros();
    if (sum != std::exchange(versions, sum)) {
      changed_at = now;
    }
    const bool settled = *without_clock == 0 && (!fresh || now - changed_at >= kSettled.micros);
    return promised && !settled && now < end;
  });
  RETURN_IF_ERROR(status);
  if (!promised) {
    session.Say("no policy is active: there will be no clocks; see `stewardctl sla packs apply`");
  } else if (*without_clock > 0) {
    session.Say(std::to_string(*without_clock) + " tickets have no clock after " +
                steward::FormatDuration(kClocksWithin));
  }
  return clocks;
}

absl::StatusOr<int> EscalationsOf(Session& session,
                                  const std::map<std::string, std::string>& numbers) {
  sla::ListEscalationsRequest request;
  sla::ListEscalationsResponse response;
  RETURN_IF_ERROR(CallPages(session, "sla.ListEscalations", request, kMaxEscalations, &response));
  return static_cast<int>(std::count_if(
      response.escalations().begin(), response.escalations().end(),
      [&](const sla::Escalation& escalation) { return numbers.contains(escalation.subject()); }));
}

// Whether the kind closes only after verification. INVALID_ARGUMENT when the service has no such kind.
absl::StatusOr<bool> NeedsVerification(Session& session, const std::string& kind) {
  complaints::ListTicketKindsResponse response;
  RETURN_IF_ERROR(
      session.Call("complaints.ListTicketKinds", complaints::ListTicketKindsRequest(), &response));
  for (const complaints::TicketKind& each : response.kinds()) {
    if (each.id() == kind) {
      return each.needs_verification();
    }
  }
  return absl::InvalidArgumentError(
      steward::ToAbsl("the mapping's kind `" + kind + "` is none of the service's"));
}

// Customers of a file with a column `account`, in its order; without a file none.
absl::StatusOr<std::vector<std::string>> CustomersOf(const std::string& file) {
  std::vector<std::string> customers;
  if (file.empty()) {
    return customers;
  }
  ASSIGN_OR_RETURN(const std::string content, ReadFile(file));
  const auto csv = ParseCsv(content);
  const auto account = csv.ok() ? csv->Column("account") : std::nullopt;
  if (!account || csv->rows.empty()) {
    return steward::FieldInvalid("--customers", file + ": is no CSV file with a column `account`");
  }
  for (const CsvRow& row : csv->rows) {
    if (*account >= row.cells.size()) {
      return steward::FieldInvalid(
          "--customers", file + " line " + std::to_string(row.line) + ": has too few cells");
    }
    customers.push_back("customers/" + Slug(row.cells[*account]));
  }
  return customers;
}

// What could not be done is an error of the command also with --quiet.
void Report(std::vector<BadRow>& problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const BadRow& a, const BadRow& b) { return a.line < b.line; });
  for (const BadRow& each : problems) {
    const std::string text =
        "line " + std::to_string(each.line) + ": " + each.field + ": " + each.reason;
    std::fprintf(stderr, "%s\n", Printable(text).c_str());
  }
}

absl::Status Outcome(const ReplaySummary& summary) {
  if (summary.problems.empty()) {
    return absl::OkStatus();
  }
  return absl::UnknownError(
      steward::ToAbsl(std::to_string(summary.problems.size()) +
                      " rows or tickets could not be read or registered; " +
                      "mend the file and do it again: what is registered stays as it is"));
}

}  // namespace

absl::Status Replay(Session& session, const Args& args) {
  const int64_t begin = steward::MonotonicMicros();
  ASSIGN_OR_RETURN(const Progress::Style style,
                   ParseProgress(args.Text("progress", "auto"), session.options().quiet,
                                 isatty(STDERR_FILENO) != 0));
  ASSIGN_OR_RETURN(const Mapping mapping, ReadMappingFile(args.Text("mapping")));
  const std::string file = args.Text("FILE");
  ASSIGN_OR_RETURN(const std::string content, ReadFile(file));
  const auto csv = ParseCsv(content);
  auto read = csv.ok() ? ReadHistory(*csv, mapping) : csv.status();
  if (!read.ok()) {
    return absl::InvalidArgumentError(steward::ToAbsl(file + ": " + Text(read.status())));
  }
  const History history = *std::move(read);
  ASSIGN_OR_RETURN(const std::vector<std::string> customers, CustomersOf(args.Text("customers")));
  ASSIGN_OR_RETURN(const bool verified, NeedsVerification(session, mapping.kind));
  const std::string shift_file =
      args.Text("shift-file", ShiftFile(FindContextFile(session.options().context_file), content));
  ASSIGN_OR_RETURN(const Shift shift, TakeShift(shift_file, history.last, session.now()));

  ReplaySummary summary;
  summary.rows = static_cast<int>(csv->rows.size());
  summary.failed = history.left_out;
  summary.moved_rows = history.moved_rows;
  summary.problems = history.bad_rows;
  summary.shift = shift.by;
  summary.first = history.first + shift.by;
  summary.last = history.last + shift.by;
  summary.left_open =
      static_cast<int>(std::count_if(history.tickets.begin(), history.tickets.end(),
                                     [](const PastTicket& ticket) { return ticket.left_open; }));
  std::map<std::string, std::string> numbers;
  {
    Progress progress(style, "tickets", static_cast<int64_t>(history.tickets.size()));
    Registration registration(session, history.tickets, progress);
    RETURN_IF_ERROR(registration.Run(
        [&](const PastTicket& ticket) {
          auto request = ToRequest(ticket, mapping.kind, shift.by, verified);
          request.set_request_id(RequestId(ticket.number, shift));
          if (!customers.empty()) {
            request.mutable_ticket()->set_customer(
                customers[SalesNumber("ticket/" + ticket.number) % customers.size()]);
          }
          return request;
        },
        &summary));
    numbers = registration.numbers();
  }
  ASSIGN_OR_RETURN(const auto clocks,
                   AwaitClocks(session, numbers, summary.fresh > 0, style, &summary.without_clock));
  summary.promises = CountPromises(clocks, numbers, session.now(), kWorst);
  ASSIGN_OR_RETURN(summary.escalations, EscalationsOf(session, numbers));
  summary.took = Duration{steward::MonotonicMicros() - begin};
  Report(summary.problems);
  session.Write(session.json() ? SummaryJson(summary, session.options().format == Format::kJsonl)
                               : SummaryTable(summary, session.options().color));
  return Outcome(summary);
}

}  // namespace stewardctl
