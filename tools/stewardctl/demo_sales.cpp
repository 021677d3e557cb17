#include "tools/stewardctl/demo_sales.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/clock.h"
#include "libs/base/day.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "tools/stewardctl/call.h"
#include "tools/stewardctl/demo_progress.h"
#include "tools/stewardctl/demo_sales_deals.h"
#include "tools/stewardctl/demo_sales_setup.h"
#include "tools/stewardctl/demo_shift.h"

namespace stewardctl {
namespace {

namespace directory = steward::directory::v1;
namespace leads = steward::leads::v1;
namespace operations = steward::operations::v1;
namespace orders = steward::orders::v1;
using steward::Duration;

constexpr int kCallsAtOnce = 6;
constexpr size_t kBatch = 100;
constexpr int64_t kMaxContracts = 1'000'000;
constexpr Duration kBetweenLooks = steward::Milliseconds(500);
constexpr Duration kQuietWithin = steward::Seconds(120), kDraftsWithin = steward::Minutes(10);

// What one run needs; the two sessions are two members, since sales and finance sign apart.
struct Run {
  Session& sales;
  Session& finance;
  const SalesFiles& files;
  const SalesDeals& deals;
  absl::CivilDay until;
  Progress::Style style;
  std::string words;  // begins every request id
};

template <class Request, class Response>
absl::Status Send(const Run& run, Session& session, std::string_view method, Request request,
                  const std::string& id, Response* response) {
  request.set_request_id(IdOf(run.words + "/" + id));
  return session.Call(method, request, response);
}

// Calls `step` for 0 to count - 1, a few at once; the first error ends it. The connections must have been made before.
absl::Status InParallel(const Run& run, const std::string& name, size_t count,
                        const std::function<absl::Status(size_t)>& step) {
  Progress progress(run.style, name, static_cast<int64_t>(count));
  std::mutex mutex;
  size_t next = 0;
  int64_t done = 0;
  absl::Status failed;
  const auto work = [&] {
    for (;;) {
      size_t mine = 0;
      {
        const std::lock_guard lock(mutex);
        if (!failed.ok() || next == count) {
          return;
        }
        mine = next++;
      }
      const absl::Status status = step(mine);
      const std::lock_guard lock(mutex);
      progress.Show(++done);
      if (!status.ok() && failed.ok()) {
        failed = status;
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kCallsAtOnce; ++i) {
    threads.emplace_back(work);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  return failed;
}

// Waits until what directory said has reached the services that stamp teams.
absl::Status AwaitOrganisation(Session& session) {
  const int64_t end = steward::MonotonicMicros() + kQuietWithin.micros;
  absl::Status status;
  int quiet = 0;
  Poll(kBetweenLooks, [&] {
    int64_t behind = 0;
    for (const char* service : {"directory", "leads", "orders"}) {
      operations::ServiceStatus state;
      status = session.Call(std::string(service) + ".operations.GetStatus",
                            operations::GetStatusRequest(), &state);
      if (!status.ok()) {
        return false;
      }
      behind += state.outbox_pending();
      for (const auto& input : state.inputs()) {
        behind += std::max<int64_t>(0, input.end_offset() - input.next_offset());
      }
    }
    quiet = behind == 0 ? quiet + 1 : 0;
    return quiet < 3 && steward::MonotonicMicros() < end;
  });
  return status;
}

absl::Status SetUp(const Run& run) {
  directory::ImportOrganisationResponse organisation;
  RETURN_IF_ERROR(Send(run, run.sales, "directory.ImportOrganisation", SalesOrganisation(run.files),
                       "organisation", &organisation));
  RETURN_IF_ERROR(AwaitOrganisation(run.sales));
  leads::BatchCreateCustomersResponse customers;
  RETURN_IF_ERROR(Send(run, run.sales, "leads.BatchCreateCustomers", SalesCustomers(run.files),
                       "customers", &customers));
  leads::Pipeline pipeline;
  RETURN_IF_ERROR(Send(run, run.sales, "leads.CreatePipelineVersion", SalesPipelineVersion(),
                       "pipeline", &pipeline));
  orders::ApprovalFlow flow;
  RETURN_IF_ERROR(
      Send(run, run.sales, "orders.CreateApprovalFlowVersion", SalesFlowVersion(), "flow", &flow));
  for (const auto& target : SalesTargets(run.files, run.until)) {
    steward::scoring::v1::Target answer;
    RETURN_IF_ERROR(Send(run, run.sales, "scoring.SetTarget", target,
                         "target/" + target.target().subject() + "/" + target.target().period(),
                         &answer));
  }
  // Makes the finance session's connection.
  orders::ListContractsRequest look;
  look.set_page_size(1);
  orders::ListContractsResponse nothing;
  return run.finance.Call("orders.ListContracts", look, &nothing);
}

// Row index by name of its opportunity, of the won ones.
using WonRows = std::map<std::string, size_t>;

absl::StatusOr<WonRows> LoadOpportunities(const Run& run) {
  std::vector<size_t> rows;
  for (size_t i = 0; i < run.files.rows.size(); ++i) {
    if (!run.files.rows[i].account.empty()) {
      rows.push_back(i);
    }
  }
  WonRows won;
  std::mutex mutex;
  const size_t batches = (rows.size() + kBatch - 1) / kBatch;
  RETURN_IF_ERROR(
      InParallel(run, "opportunities, by 100", batches, [&](size_t batch) -> absl::Status {
        const size_t begin = batch * kBatch, end = std::min(rows.size(), begin + kBatch);
        leads::BatchCreateOpportunitiesRequest request;
        for (size_t i = begin; i < end; ++i) {
          *request.add_requests() = run.deals.Opportunity(run.files.rows[rows[i]]);
        }
        leads::BatchCreateOpportunitiesResponse response;
        RETURN_IF_ERROR(Send(run, run.sales, "leads.BatchCreateOpportunities", request,
                             "opportunities/" + std::to_string(batch), &response));
        const std::lock_guard lock(mutex);
        for (size_t i = begin; i < end; ++i) {
          if (run.files.rows[rows[i]].stage == "won") {
            won[response.opportunities(static_cast<int>(i - begin)).name()] = rows[i];
          }
        }
        return absl::OkStatus();
      }));
  return won;
}

absl::StatusOr<int> LoadLeads(const Run& run) {
  std::vector<const SalesRow*> rows;
  for (const SalesRow& row : run.files.rows) {
    if (row.account.empty()) {
      rows.push_back(&row);
    }
  }
  const size_t batches = (rows.size() + kBatch - 1) / kBatch;
  RETURN_IF_ERROR(InParallel(run, "leads, by 100", batches, [&](size_t batch) -> absl::Status {
    leads::BatchCreateLeadsRequest request;
    for (size_t i = batch * kBatch; i < std::min(rows.size(), (batch + 1) * kBatch); ++i) {
      *request.add_requests() = run.deals.Lead(*rows[i]);
    }
    leads::BatchCreateLeadsResponse response;
    RETURN_IF_ERROR(Send(run, run.sales, "leads.BatchCreateLeads", request,
                         "leads/" + std::to_string(batch), &response));
    for (const auto& outcome : response.outcomes()) {
      if (outcome.faults_size() > 0) {
        return absl::InvalidArgumentError(
            steward::ToAbsl(outcome.faults(0).field() + ": " + outcome.faults(0).description()));
      }
    }
    return absl::OkStatus();
  }));
  return static_cast<int>(rows.size());
}

// Contract by opportunity, once every won one has its draft.
absl::StatusOr<std::map<std::string, std::string>> AwaitDrafts(const Run& run, const WonRows& won) {
  Progress progress(run.style, "contract drafts by event", static_cast<int64_t>(won.size()));
  const int64_t end = steward::MonotonicMicros() + kDraftsWithin.micros;
  std::map<std::string, std::string> contracts;
  absl::Status status;
  Poll(kBetweenLooks, [&] {
    orders::ListContractsRequest request;
    request.set_page_size(200);
    orders::ListContractsResponse response;
    status = CallPages(run.sales, "orders.ListContracts", request, kMaxContracts, &response);
    if (!status.ok()) {
      return false;
    }
    for (const orders::Contract& contract : response.contracts()) {
      if (won.contains(contract.opportunity())) {
        contracts[contract.opportunity()] = contract.name();
      }
    }
    progress.Show(static_cast<int64_t>(contracts.size()));
    return contracts.size() < won.size() && steward::MonotonicMicros() < end;
  });
  RETURN_IF_ERROR(status);
  if (contracts.size() < won.size()) {
    return absl::DeadlineExceededError(steward::ToAbsl(
        std::to_string(won.size() - contracts.size()) +
        " won opportunities have no contract draft yet; see `stewardctl health` and do it again"));
  }
  return contracts;
}

// One step of a contract or order: the same request for all, with the row's instant.
template <class Request, class Resource>
absl::Status Step(const Run& run, Session& session, const std::string& method,
                  const std::string& name, const google::protobuf::Timestamp& at,
                  const SalesRow& row, Resource* resource) {
  Request request;
  request.set_name(name);
  *request.mutable_occurred_at() = at;
  return Send(run, session, "orders." + method, request, method + "/" + row.id, resource);
}

absl::Status CarryOut(const Run& run, const SalesRow& row, const std::string& name) {
  const auto closed = run.deals.ClosedAt(row);
  orders::Contract contract;
  RETURN_IF_ERROR(Send(run, run.sales, "orders.UpdateContract", run.deals.Plan(name),
                       "plan/" + row.id, &contract));
  orders::SubmitContractRequest submit;
  submit.set_name(name);
  submit.set_flow(kSalesFlow);
  *submit.mutable_occurred_at() = closed;
  RETURN_IF_ERROR(
      Send(run, run.sales, "orders.SubmitContract", submit, "submit/" + row.id, &contract));
  RETURN_IF_ERROR(Step<orders::ApproveContractRequest>(run, run.finance, "ApproveContract", name,
                                                       closed, row, &contract));
  RETURN_IF_ERROR(Step<orders::SignContractRequest>(run, run.sales, "SignContract", name, closed,
                                                    row, &contract));

  orders::Order order;
  RETURN_IF_ERROR(Send(run, run.sales, "orders.CreateOrder", run.deals.Order(row, name),
                       "order/" + row.id, &order));
  const std::string order_name = order.name();
  const auto step = [&]<class Request>(Session& session, const char* method, const auto& at) {
    return Step<Request>(run, session, method, order_name, at, row, &order);
  };
  RETURN_IF_ERROR(step.operator()<orders::ReviewOrderRequest>(run.sales, "ReviewOrder", closed));
  RETURN_IF_ERROR(step.operator()<orders::MakeProductionSheetRequest>(
      run.sales, "MakeProductionSheet", closed));
  RETURN_IF_ERROR(
      step.operator()<orders::SignOrderForSalesRequest>(run.sales, "SignOrderForSales", closed));
  RETURN_IF_ERROR(step.operator()<orders::SignOrderForFinanceRequest>(
      run.finance, "SignOrderForFinance", closed));
  RETURN_IF_ERROR(step.operator()<orders::ReleaseOrderRequest>(run.sales, "ReleaseOrder", closed));
  if (row.delivered) {
    RETURN_IF_ERROR(step.operator()<orders::DeliverOrderRequest>(run.sales, "DeliverOrder",
                                                                 run.deals.Noon(*row.delivered)));
  }
  if (row.accepted) {
    RETURN_IF_ERROR(step.operator()<orders::AcceptOrderRequest>(run.sales, "AcceptOrder",
                                                                run.deals.Noon(*row.accepted)));
  }
  for (size_t i = 0; i < row.payments.size(); ++i) {
    orders::RecordPaymentResponse payment;
    RETURN_IF_ERROR(Send(run, run.finance, "orders.RecordPayment", run.deals.Payment(row, i, name),
                         "payment/" + row.id + "/" + std::to_string(i), &payment));
  }
  return absl::OkStatus();
}

// The time line of the first run: how far the files are moved, and the last day of which something is known.
struct TimeLine {
  int64_t shift_days = 0;
  absl::CivilDay until;
};

}  // namespace

absl::Status LoadSales(Session& session, const Args& args) {
  const int64_t begin = steward::MonotonicMicros();
  ASSIGN_OR_RETURN(const Progress::Style style,
                   ParseProgress(args.Text("progress", "auto"), session.options().quiet,
                                 isatty(STDERR_FILENO) != 0));
  const std::string zone_name = args.Text("zone", "Asia/Shanghai");
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(zone_name, &zone)) {
    return steward::FieldInvalid("--zone",
                                 "`" + zone_name + "` is no time zone, for example Asia/Shanghai");
  }
  absl::CivilDay today = absl::ToCivilDay(absl::Now(), zone);
  if (const std::string text = args.Text("today"); !text.empty()) {
    ASSIGN_OR_RETURN(today, steward::ParseDay("--today", text));
  }
  ASSIGN_OR_RETURN(const int64_t limit, args.Number("limit", 0, 0, 1'000'000));
  const TimeLine line{SalesShift(today), today - 1};
  const std::string folder = args.Text("FOLDER");
  ASSIGN_OR_RETURN(const SalesFiles files, ReadSales(folder, line.shift_days, line.until, limit));
  const SalesDeals deals(files, zone);
  SessionOptions finance_options = session.options();
  finance_options.token_file = args.Text("finance-token-file");
  Session finance(finance_options);
  const Run run{session,
                finance,
                files,
                deals,
                line.until,
                style,
                "sales/" + steward::FormatDay(today) + "/" + std::to_string(limit)};

  RETURN_IF_ERROR(SetUp(run));
  const int64_t set_up = steward::MonotonicMicros();
  ASSIGN_OR_RETURN(const WonRows won, LoadOpportunities(run));
  ASSIGN_OR_RETURN(const int lead_count, LoadLeads(run));
  const int64_t loaded = steward::MonotonicMicros();
  ASSIGN_OR_RETURN(const auto contracts, AwaitDrafts(run, won));
  const int64_t drafted = steward::MonotonicMicros();
  std::vector<std::pair<std::string, size_t>> deals_to_do;
  size_t payments = 0;
  for (const auto& [opportunity, row] : won) {
    deals_to_do.emplace_back(contracts.at(opportunity), row);
    payments += files.rows[row].payments.size();
  }
  RETURN_IF_ERROR(InParallel(run, "contracts, orders, payments", deals_to_do.size(), [&](size_t i) {
    return CarryOut(run, files.rows[deals_to_do[i].second], deals_to_do[i].first);
  }));
  const int64_t end = steward::MonotonicMicros();
  const auto seconds = [](int64_t micros) { return static_cast<double>(micros) / 1e6; };
  const nlohmann::ordered_json summary = {
      {"today", steward::FormatDay(today)},
      {"zone", zone_name},
      {"shift_days", line.shift_days},
      {"opportunities", files.rows.size() - static_cast<size_t>(lead_count)},
      {"won", won.size()},
      {"leads_without_account", lead_count},
      {"payments", payments},
      {"seconds",
       {{"set_up", seconds(set_up - begin)},
        {"opportunities_and_leads", seconds(loaded - set_up)},
        {"drafts", seconds(drafted - loaded)},
        {"contracts_orders_payments", seconds(end - drafted)}}}};
  session.Write(summary.dump(session.options().format == Format::kJsonl ? -1 : 2) + "\n");
  return absl::OkStatus();
}

}  // namespace stewardctl
