#include "tools/stewardctl/import.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "libs/base/status.h"
#include "steward/leads/v1/lead_pool_service.pb.h"
#include "steward/leads/v1/leads_service.pb.h"
#include "tools/stewardctl/context.h"
#include "tools/stewardctl/demo_progress.h"
#include "tools/stewardctl/import_rows.h"

namespace stewardctl {
namespace {

namespace pb = steward::leads::v1;

constexpr size_t kMaxBytes = 3 << 20;  // of a batch; a request has at most 4 MiB

struct Tally {
  int stored = 0, existing = 0;
  std::vector<RowFault> faults;
};

// Refusals that name rows (`requests[3].customer.name`), led back to their lines. False: it is about none.
bool TakeFaults(const absl::Status& status, const std::string& resource,
                const std::vector<const Row*>& rows, std::set<size_t>& bad, Tally& tally) {
  const std::optional<steward::Refusal> refusal = steward::RefusalOf(status);
  if (!refusal || !absl::IsInvalidArgument(status)) {
    return false;
  }
  for (const steward::FieldViolation& fault : refusal->fields) {
    const FieldOfRow at = SplitField(fault.field, resource);
    if (at.row < 0 || static_cast<size_t>(at.row) >= rows.size()) {
      return false;
    }
    bad.insert(static_cast<size_t>(at.row));
    tally.faults.push_back({rows[static_cast<size_t>(at.row)]->line, at.field, fault.description});
  }
  return !bad.empty();
}

void Drop(const std::set<size_t>& bad, std::vector<const Row*>& rows) {
  std::vector<const Row*> kept;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!bad.contains(i)) {
      kept.push_back(rows[i]);
    }
  }
  rows = std::move(kept);
}

template <class Batch>
Batch BatchOf(const std::vector<const Row*>& rows) {
  Batch batch;
  for (const Row* row : rows) {
    batch.add_requests()->CopyFrom(*row->request);
  }
  batch.set_request_id(RequestIdFor(batch));
  return batch;
}

absl::Status SendLeads(Session& session, std::vector<const Row*> rows, Tally& tally) {
  while (!rows.empty()) {
    auto request = BatchOf<pb::BatchCreateLeadsRequest>(rows);
    pb::BatchCreateLeadsResponse response;
    const absl::Status status = session.Call("leads.BatchCreateLeads", request, &response);
    std::set<size_t> bad;
    if (!status.ok()) {
      if (!TakeFaults(status, "lead", rows, bad, tally)) {
        return status;
      }
      Drop(bad, rows);
      continue;
    }
    for (int i = 0; i < response.outcomes_size(); ++i) {
      for (const auto& fault : response.outcomes(i).faults()) {
        tally.faults.push_back({rows[static_cast<size_t>(i)]->line,
                                SplitField(fault.field(), "lead").field, fault.description()});
      }
    }
    tally.stored += response.created_count();
    tally.existing += response.existing_count();
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

// The row whose customer is there already, by the refusal's name.
bool TakeExisting(const absl::Status& status, const std::vector<const Row*>& rows,
                  std::set<size_t>& bad) {
  const std::optional<steward::Refusal> refusal = steward::RefusalOf(status);
  if (!refusal || !absl::IsAlreadyExists(status)) {
    return false;
  }
  for (const auto& [key, value] : refusal->metadata) {
    for (size_t i = 0; key == "name" && i < rows.size(); ++i) {
      const auto& request = static_cast<const pb::CreateCustomerRequest&>(*rows[i]->request);
      if ("customers/" + request.customer_id() == value) {
        bad.insert(i);
      }
    }
  }
  return !bad.empty();
}

absl::Status SendCustomers(Session& session, std::vector<const Row*> rows, Tally& tally) {
  while (!rows.empty()) {
    auto request = BatchOf<pb::BatchCreateCustomersRequest>(rows);
    pb::BatchCreateCustomersResponse response;
    const absl::Status status = session.Call("leads.BatchCreateCustomers", request, &response);
    if (status.ok()) {
      tally.stored += response.customers_size();
      return absl::OkStatus();
    }
    std::set<size_t> bad;
    if (TakeExisting(status, rows, bad)) {
      tally.existing += static_cast<int>(bad.size());
    } else if (!TakeFaults(status, "customer", rows, bad, tally)) {
      return status;
    }
    Drop(bad, rows);
  }
  return absl::OkStatus();
}

using Send = absl::Status (*)(Session&, std::vector<const Row*>, Tally&);

absl::Status SendAll(Session& session, const Args& args, const Rows& rows, int64_t batch_size,
                     Send send, Tally& tally) {
  ASSIGN_OR_RETURN(const int64_t from, args.Number("from-line", 0, 0, 1'000'000'000));
  ASSIGN_OR_RETURN(const Progress::Style style,
                   ParseProgress(args.Text("progress", "auto"), session.options().quiet,
                                 isatty(STDERR_FILENO) != 0));
  Progress progress(style, "rows", static_cast<int64_t>(rows.good.size()));
  for (size_t at = 0; at < rows.good.size();) {
    std::vector<const Row*> batch;
    size_t bytes = 0;
    const int line = rows.good[at].line;
    for (; at < rows.good.size() && batch.size() < static_cast<size_t>(batch_size); ++at) {
      const size_t size = rows.good[at].request->ByteSizeLong();
      if (!batch.empty() && bytes + size > kMaxBytes) {
        break;
      }
      bytes += size;
      if (rows.good[at].line >= from) {
        batch.push_back(&rows.good[at]);
      }
    }
    if (const absl::Status status = send(session, std::move(batch), tally); !status.ok()) {
      session.Say("everything before line " + std::to_string(line) +
                  " is done; go on with --from-line " + std::to_string(line));
      return status;
    }
    progress.Show(static_cast<int64_t>(at));
  }
  return absl::OkStatus();
}

void Report(Session& session, std::vector<RowFault> faults) {
  std::stable_sort(faults.begin(), faults.end(),
                   [](const RowFault& a, const RowFault& b) { return a.line < b.line; });
  Table table{{"LINE", "FIELD", "REASON"}, {}};
  for (const RowFault& fault : faults) {
    table.rows.push_back({std::to_string(fault.line), fault.field, fault.reason});
  }
  if (!table.rows.empty() || session.json()) {
    session.Print(table);
  }
}

absl::Status Import(Session& session, const Args& args, const RowShape& shape, int64_t most,
                    const std::function<void(google::protobuf::Message*)>& prepare, Send send) {
  const std::string file = args.Text("FILE");
  ASSIGN_OR_RETURN(const int64_t batch, args.Number("batch", most, 1, most));
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  ASSIGN_OR_RETURN(Rows rows, ReadRows(file, text, shape, session.now()));
  for (Row& row : rows.good) {
    prepare(row.request.get());
  }
  Tally tally;
  tally.faults = rows.faults;
  const absl::Status sent = SendAll(session, args, rows, batch, send, tally);
  Report(session, tally.faults);
  std::set<int> refused;
  for (const RowFault& fault : tally.faults) {
    refused.insert(fault.line);
  }
  session.Say(std::to_string(rows.total) + " rows: " + std::to_string(tally.stored) + " stored, " +
              std::to_string(tally.existing) + " there before, " + std::to_string(refused.size()) +
              " refused");
  RETURN_IF_ERROR(sent);
  return refused.empty()
             ? absl::OkStatus()
             : absl::FailedPreconditionError(std::to_string(refused.size()) + " of " +
                                             std::to_string(rows.total) + " rows were refused");
}

}  // namespace

std::vector<Arg> ImportArgs(const std::string& columns, std::vector<Arg> more) {
  std::vector<Arg> args{
      Positional("FILE", "`.csv` with a header of field names (" + columns +
                             "), or `.jsonl` with one "
                             "object a line."),
      Option("from-line", "Begin at this line: where an import ended early."),
      Option("batch", "Rows in one transaction (default: as many as the service takes)."),
      Option("progress", "How progress is shown on stderr.").Of({"auto", "bar", "json", "none"})};
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

absl::Status ImportLeads(Session& session, const Args& args) {
  const RowShape shape{&pb::CreateLeadRequest::default_instance(), "lead", {"rule", "owner"}};
  std::string rule = args.Text("rule");
  if (!rule.empty() && rule.find('/') == std::string::npos) {
    rule = "assignmentRules/" + rule;
  }
  return Import(
      session, args, shape, 1000,
      [&](google::protobuf::Message* message) {
        auto& request = static_cast<pb::CreateLeadRequest&>(*message);
        if (!rule.empty() && request.assign_to_case() == pb::CreateLeadRequest::ASSIGN_TO_NOT_SET) {
          request.set_rule(rule);
        }
      },
      SendLeads);
}

absl::Status ImportCustomers(Session& session, const Args& args) {
  const RowShape shape{&pb::CreateCustomerRequest::default_instance(), "customer", {"customer_id"}};
  return Import(
      session, args, shape, 100, [](google::protobuf::Message*) {}, SendCustomers);
}

}  // namespace stewardctl
