// stewardctl contracts and approval-flows: the methods of the orders service on contracts.

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/util/json_util.h"
#include "libs/base/money.h"
#include "libs/base/status.h"
#include "steward/orders/v1/approval_flows_service.pb.h"
#include "steward/orders/v1/contracts_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::orders::v1;

Arg Contract(std::string field = "name") {
  return Positional("CONTRACT", "`contracts/{uuid}` or the id.")
      .Into(std::move(field))
      .In("contracts");
}

std::vector<Arg> With(std::vector<Arg> args, std::vector<Arg> more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

// Arguments of a command on one contract.
std::vector<Arg> Change(std::vector<Arg> more) {
  return With(With({Contract()}, std::move(more)),
              {Option("occurred-at", "When it happened: a time, or -2h (default: now)."),
               Option("etag", "Refuse when the contract has changed since.")});
}

absl::Status ReadDue(const std::string& text, pb::PlanItem* item) {
  if (!text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0) {
    return SetField("date", text, {}, item);
  }
  const size_t plus = std::min(text.find('+'), text.size());
  std::string event = text.substr(0, plus);
  std::transform(event.begin(), event.end(), event.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  pb::PlanItem::DueEvent value;
  if (!pb::PlanItem::DueEvent_Parse(event, &value) ||
      value == pb::PlanItem::DUE_EVENT_UNSPECIFIED) {
    return steward::FieldInvalid(
        "--instalment",
        "`" + text + "` is no day, nor `signed`, `delivered` or `accepted` with `+DAYS`");
  }
  item->mutable_after()->set_event(value);
  return plus == text.size() ? absl::OkStatus()
                             : SetField("after.days", text.substr(plus + 1), {}, item);
}

// `30%@signed`, `300.00@delivered+30`, `300@2026-12-31`.
absl::Status ReadInstalment(const std::string& text, const std::string& currency,
                            pb::PlanItem* item) {
  const size_t at = text.find('@');
  if (at == std::string::npos || at == 0) {
    return steward::FieldInvalid("--instalment",
                                 "is `AMOUNT@DUE` or `SHARE%@DUE`: `30%@signed`, "
                                 "`300.00@delivered+30`, `300@2026-12-31`");
  }
  const std::string amount = text.substr(0, at);
  if (amount.back() == '%') {
    // Shares have two decimals as amounts of a currency with two have.
    const auto share = steward::ParseMoney(amount.substr(0, amount.size() - 1), "CNY");
    if (!share.ok() || share->minor <= 0 || share->minor > 10'000) {
      return steward::FieldInvalid("--instalment",
                                   "`" + amount + "` lies not between 0.01% and 100%");
    }
    item->set_basis_points(static_cast<int32_t>(share->minor));
  } else {
    RETURN_IF_ERROR(SetField("amount", amount + currency, {}, item));
  }
  return ReadDue(text.substr(at + 1), item);
}

absl::Status AddPlan(const Args& args, const std::string& currency, pb::Contract* contract) {
  for (const std::string& text : args.Texts("instalment")) {
    RETURN_IF_ERROR(ReadInstalment(text, currency, contract->add_plan()));
  }
  return absl::OkStatus();
}

std::vector<Arg> Terms() {
  return {Option("customer", "`customers/{id}`.").Into("contract.customer").In("customers"),
          Option("kind", "Kind, a code.").Into("contract.kind"),
          Option("region", "Region code.").Into("contract.region"),
          Option("amount", "Amount and currency, `90000.00CNY`.").Into("contract.amount"),
          OptionList("instalment",
                     "One of the plan, `AMOUNT@DUE` or `SHARE%@DUE`; DUE is a day, or `signed`, "
                     "`delivered` or `accepted`, with `+DAYS`. Replaces the plan.")
              .Into("-")};
}

const std::vector<Arg>& CreateArgs() {
  static const auto& args = *new std::vector<Arg>(
      With(Terms(), {Option("owner", "`members/{id}`.").Into("contract.owner").In("members"),
                     Option("opportunity", "The opportunity that it comes from.")
                         .Into("contract.opportunity")
                         .In("opportunities")}));
  return args;
}

const std::vector<Arg>& UpdateArgs() {
  static const auto& args = *new std::vector<Arg>(
      With(With({Contract("contract.name")}, Terms()),
           {OptionList("clear", "Field to empty.").Into("update_mask.paths"),
            Option("etag", "Refuse when the contract has changed since.").Into("contract.etag")}));
  return args;
}

absl::Status Create(Session& session, const Args& args) {
  pb::CreateContractRequest request;
  pb::Contract created;
  RETURN_IF_ERROR(FillRequest(CreateArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(
      AddPlan(args, request.contract().amount().currency_code(), request.mutable_contract()));
  RETURN_IF_ERROR(session.Call("orders.CreateContract", request, &created));
  session.Print(created);
  return absl::OkStatus();
}

absl::Status Update(Session& session, const Args& args) {
  pb::UpdateContractRequest request;
  RETURN_IF_ERROR(FillRequest(UpdateArgs(), args, session.now(), &request));
  std::string currency = request.contract().amount().currency_code();
  if (args.Has("instalment") && !args.Has("amount")) {
    pb::GetContractRequest get;
    get.set_name(request.contract().name());
    pb::Contract now;
    RETURN_IF_ERROR(session.Call("orders.GetContract", get, &now));
    currency = now.amount().currency_code();
  }
  RETURN_IF_ERROR(AddPlan(args, currency, request.mutable_contract()));
  if (args.Has("instalment")) {
    request.mutable_update_mask()->add_paths("plan");
  }
  pb::Contract changed;
  RETURN_IF_ERROR(session.Call("orders.UpdateContract", request, &changed));
  session.Print(changed);
  return absl::OkStatus();
}

void AddSteps(Tool& tool) {
  tool.AddCall(
      "contracts assign", "orders.AssignContract", "Another member answers for it.",
      "stewardctl contracts assign 0190d9a0-… sales-rep-east",
      Change({Positional("OWNER", "`members/{id}` or the id.").Into("owner").In("members")}));
  tool.AddCall(
      "contracts submit", "orders.SubmitContract", "Sends it through an approval flow.",
      "stewardctl contracts submit 0190d9a0-…",
      Change({Option("flow", "`approvalFlows/{id}` (default: default).").In("approvalFlows")}));
  tool.AddCall(
      "contracts preview", "orders.PreviewContractApproval", "Whom a submission by you would ask.",
      "stewardctl contracts preview 0190d9a0-…",
      {Contract(), Option("flow", "`approvalFlows/{id}` (default: default).").In("approvalFlows")});
  tool.AddCall(
      "contracts send-back", "orders.SendBackContract", "Sends it back to its submitter.",
      "stewardctl contracts send-back 0190d9a0-… payment_terms",
      Change({Positional("REASON", "Why.")
                  .Into("reason")
                  .Of({"amount", "payment_terms", "customer", "documents", "delivery", "other"})}));
  tool.AddCall("contracts cancel", "orders.CancelContract", "Gives it up, before the signature.",
               "stewardctl contracts cancel 0190d9a0-… customer_withdrew",
               Change({Positional("REASON", "Why.")
                           .Into("reason")
                           .Of({"customer_withdrew", "duplicate", "mistake", "other"})}));
  const struct {
    const char *verb, *method, *help;
  } steps[] = {
      {"approve", "ApproveContract", "Approves it, as one whom the flow asks."},
      {"withdraw", "WithdrawContract", "Takes it back, as its submitter."},
      {"sign", "SignContract", "It is signed: its terms are fixed."},
      {"start", "StartContract", "It is being carried out."},
      {"complete", "CompleteContract", "All of it was carried out."},
      {"archive", "ArchiveContract", "Puts it away."},
  };
  for (const auto& step : steps) {
    tool.AddCall(std::string("contracts ") + step.verb, std::string("orders.") + step.method,
                 step.help, std::string("stewardctl contracts ") + step.verb + " 0190d9a0-…",
                 Change({}));
  }
}

const std::vector<Arg>& FlowArgs() {
  static const auto& args = *new std::vector<Arg>{
      Positional("FILE", "steward.orders.v1.ApprovalFlow as JSON, with its name.").Into("-"),
      Flag("activate", "New submissions take it at once.")};
  return args;
}

absl::Status CreateFlow(Session& session, const Args& args) {
  pb::CreateApprovalFlowVersionRequest request;
  RETURN_IF_ERROR(FillRequest(FlowArgs(), args, session.now(), &request));
  std::ifstream file(args.Text("FILE"));
  if (!file) {
    return steward::FieldInvalid("FILE", "`" + args.Text("FILE") + "` cannot be read");
  }
  std::stringstream text;
  text << file.rdbuf();
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(text.str(), request.mutable_flow());
  if (!parsed.ok()) {
    return steward::FieldInvalid("FILE", std::string(parsed.message()));
  }
  pb::ApprovalFlow created;
  RETURN_IF_ERROR(session.Call("orders.CreateApprovalFlowVersion", request, &created));
  session.Print(created);
  return absl::OkStatus();
}

void AddFlows(Tool& tool) {
  const auto flow = [](std::string field) {
    return Positional("FLOW", "`approvalFlows/{id}` or the id.")
        .Into(std::move(field))
        .In("approvalFlows");
  };
  tool.Group("approval-flows", "Who has to approve: flows in versions.");
  tool.AddCall("approval-flows list", "orders.ListApprovalFlows",
               "The flows in their active version, or every version of one.",
               "stewardctl approval-flows list\nstewardctl approval-flows list --flow default",
               {Option("flow", "Every version of this one.").In("approvalFlows")});
  tool.AddCall("approval-flows get", "orders.GetApprovalFlow", "One version of a flow.",
               "stewardctl approval-flows get default --version 1",
               {flow("name"), Option("version", "Version (default: the active one).")});
  tool.Add({"approval-flows create", "Adds a version of a flow.",
            "stewardctl approval-flows create strict.json --activate", FlowArgs(), CreateFlow});
  tool.AddCall("approval-flows activate", "orders.ActivateApprovalFlow",
               "New submissions take this version.", "stewardctl approval-flows activate default 1",
               {flow("name"), Positional("VERSION", "Version.").Into("version")});
}

}  // namespace

void AddContracts(Tool& tool) {
  tool.Group("contracts", "Contracts: draft, approval, signature, execution, history.");
  tool.Add(
      {"contracts create", "Drafts a contract.",
       "stewardctl contracts create --customer acme --owner sales-rep-east --amount 90000.00CNY "
       "--instalment 30%@signed --instalment 60%@delivered+30 --instalment 10%@accepted+90",
       CreateArgs(), Create});
  tool.AddCall("contracts get", "orders.GetContract", "One contract.",
               "stewardctl contracts get 0190d9a0-…", {Contract()});
  tool.AddCall("contracts list", "orders.ListContracts", "Contracts by filter, newest first.",
               "stewardctl contracts list --filter 'state = UNDER_APPROVAL AND waiting_for = "
               "members/ceo'",
               {Option("filter",
                       "Terms joined by AND over state owner team region customer opportunity kind "
                       "waiting_for draft_time update_time."),
                Option("order-by", "Order.")
                    .Of({"draft_time desc", "draft_time", "update_time desc", "update_time"})});
  tool.Add({"contracts update", "Changes terms of a draft: what is given, the plan whole.",
            "stewardctl contracts update 0190d9a0-… --instalment 100%@signed+30", UpdateArgs(),
            Update});
  tool.AddCall("contracts history", "orders.ListContractHistory", "Who changed what, when.",
               "stewardctl contracts history 0190d9a0-…", {Contract("parent")});
  tool.AddCall("contracts drafts", "orders.ListContractDrafts",
               "Won opportunities that have no contract draft yet, and why.",
               "stewardctl contracts drafts\nstewardctl contracts drafts --state PARKED",
               {Option("state", "Only these.").Of({"WAITING", "PARKED"})});
  tool.AddCall("contracts release-draft", "orders.ReleaseContractDraft",
               "Tries a parked draft again, at once.",
               "stewardctl contracts release-draft 0190d9a0-…",
               {Positional("OPPORTUNITY", "`opportunities/{id}` or the id.")
                    .Into("opportunity")
                    .In("opportunities")});
  AddSteps(tool);
  AddFlows(tool);
}

}  // namespace stewardctl
