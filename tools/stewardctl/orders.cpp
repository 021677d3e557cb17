// stewardctl orders: every method of the orders service on sales orders.

#include <map>

#include "libs/base/status.h"
#include "steward/orders/v1/orders_service.pb.h"
#include "tools/stewardctl/amounts.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::orders::v1;

Arg Order(std::string field = "name") {
  return Positional("ORDER", "`orders/{uuid}` or the uuid.").Into(std::move(field)).In("orders");
}
std::vector<Arg> Step(std::vector<Arg> args) {
  args.push_back(Option("occurred-at", "When it happened: a time, or -2h (default: now)."));
  args.push_back(Option("etag", "Refuse when the order has changed since."));
  return args;
}

// `product=kiosk;line=retail;quantity=10;price=15.00;new=yes` into a line.
absl::Status ReadLine(const std::string& text, const std::string& currency, pb::OrderLine* line) {
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(';', at), text.size());
    const std::string part = text.substr(at, end - at);
    const size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : part.substr(equals + 1);
    if (key == "product") {
      line->set_product(value);
    } else if (key == "line") {
      line->set_product_line(value);
    } else if (key == "quantity") {
      RETURN_IF_ERROR(SetField("quantity", value, {}, line));
    } else if (key == "price") {
      RETURN_IF_ERROR(SetAmount("--line", value, currency, line->mutable_unit_price()));
    } else if (key == "new") {
      line->set_new_product(value == "yes");
    } else {
      return steward::FieldInvalid(
          "--line", "`" + part +
                        "` is not one of product=, line=, quantity=, price= and new=, "
                        "separated by `;`");
    }
    at = end + 1;
  }
  return absl::OkStatus();
}

absl::Status AddLines(const Args& args, pb::Order* order) {
  for (const std::string& text : args.Texts("line")) {
    RETURN_IF_ERROR(ReadLine(text, args.Text("currency", "CNY"), order->add_lines()));
  }
  return absl::OkStatus();
}

std::vector<Arg> Terms(std::vector<Arg> args) {
  for (Arg& arg : std::vector<Arg>{
           Option("customer", "`customers/{id}`.").Into("order.customer").In("customers").Needed(),
           Option("contract", "Signed contract that it carries out.")
               .Into("order.contract")
               .In("contracts"),
           Option("region", "Region code.").Into("order.region").Needed(),
           OptionList(
               "line",
               "`product=...;line=...;quantity=...;price=...[;new=yes]` (line: product line).")
               .Into("-"),
           Option("currency", "Of the prices.").Into("-").Else("CNY"),
           Option("occurred-at", "When it happened: a time, or -2h (default: now).")}) {
    args.push_back(std::move(arg));
  }
  return args;
}

const std::vector<Arg>& CreateArgs() {
  static const auto& args = *new std::vector<Arg>(
      Terms({Option("owner", "`members/{id}` (default: you).").Into("order.owner").In("members")}));
  return args;
}
const std::vector<Arg>& ReviseArgs() {
  static const auto& args = *new std::vector<Arg>(
      Terms({Order("order.name"),
             Option("etag", "Refuse when the order has changed since.").Into("order.etag")}));
  return args;
}

template <class Request>
Action Write(const char* method, const std::vector<Arg>& (*declared)()) {
  return [method, declared](Session& session, const Args& args) -> absl::Status {
    Request request;
    pb::Order order;
    RETURN_IF_ERROR(FillRequest(declared(), args, session.now(), &request));
    RETURN_IF_ERROR(AddLines(args, request.mutable_order()));
    RETURN_IF_ERROR(session.Call(method, request, &order));
    session.Print(order);
    return absl::OkStatus();
  };
}

// `2=10`: ten of line 2.
template <class Request>
absl::Status AddQuantities(const Args& args, Request* request) {
  for (const std::string& text : args.Texts("line")) {
    const size_t equals = text.find('=');
    pb::LineQuantity& line = *request->add_lines();
    if (equals == std::string::npos || !SetField("line", text.substr(0, equals), {}, &line).ok() ||
        !SetField("quantity", text.substr(equals + 1), {}, &line).ok()) {
      return steward::FieldInvalid("--line",
                                   "`" + text + "` is not NUMBER=QUANTITY, for example 2=10");
    }
  }
  return absl::OkStatus();
}

const std::vector<Arg>& DeliverArgs() {
  static const auto& args = *new std::vector<Arg>(Step(
      {Order(),
       OptionList("line", "NUMBER=QUANTITY of a line (default: all that is left).").Into("-")}));
  return args;
}
const std::vector<Arg>& ReturnArgs() {
  static const auto& args = *new std::vector<Arg>(
      Step({Order(),
            Option("reason", "Why.")
                .Needed()
                .Of({"defective", "damaged", "wrong_goods", "not_wanted", "other"}),
            OptionList("line", "NUMBER=QUANTITY of a line (default: all that was delivered).")
                .Into("-")}));
  return args;
}

template <class Request>
Action Move(const char* method, const std::vector<Arg>& (*declared)()) {
  return [method, declared](Session& session, const Args& args) -> absl::Status {
    Request request;
    pb::Order order;
    RETURN_IF_ERROR(FillRequest(declared(), args, session.now(), &request));
    RETURN_IF_ERROR(AddQuantities(args, &request));
    RETURN_IF_ERROR(session.Call(method, request, &order));
    session.Print(order);
    return absl::OkStatus();
  };
}

void AddSteps(Tool& tool) {
  const auto step = [&tool](const std::string& verb, const char* method, const char* help) {
    tool.AddCall("orders " + verb, method, help,
                 "stewardctl orders " + verb + " 0190d9a0-0000-7000-8000-000000000001",
                 Step({Order()}));
  };
  step("review", "orders.ReviewOrder", "Says that it was reviewed.");
  step("make-sheet", "orders.MakeProductionSheet", "Says that its production sheet was made.");
  step("sign-for-sales", "orders.SignOrderForSales", "Signs for sales.");
  step("sign-for-finance", "orders.SignOrderForFinance",
       "Signs for finance; another member than for sales.");
  step("release", "orders.ReleaseOrder", "Releases it to production.");
  step("accept", "orders.AcceptOrder", "Says that the customer accepted it.");
  tool.Add({"orders deliver", "Says that it was delivered, all that is left or some.",
            "stewardctl orders deliver 0190d9a0-0000-7000-8000-000000000001\n"
            "stewardctl orders deliver 0190d9a0-0000-7000-8000-000000000001 --line 1=4",
            DeliverArgs(), Move<pb::DeliverOrderRequest>("orders.DeliverOrder", DeliverArgs)});
  tool.Add(
      {"orders return", "Says that goods came back, all that was delivered or some.",
       "stewardctl orders return 0190d9a0-0000-7000-8000-000000000001 --reason damaged --line 1=2",
       ReturnArgs(), Move<pb::ReturnOrderRequest>("orders.ReturnOrder", ReturnArgs)});
  tool.AddCall(
      "orders cancel", "orders.CancelOrder", "Cancels it, before the first delivery.",
      "stewardctl orders cancel 0190d9a0-0000-7000-8000-000000000001 --reason duplicate",
      Step({Order(), Option("reason", "Why.")
                         .Needed()
                         .Of({"customer_withdrew", "credit", "duplicate", "mistake", "other"})}));
}

}  // namespace

void AddOrders(Tool& tool) {
  tool.Group("orders", "Sales orders, from entry to acceptance.");
  tool.Add({"orders create", "Enters an order.",
            "stewardctl orders create --customer acme --region east --line "
            "'product=kiosk;line=retail;quantity=10;price=15.00'",
            CreateArgs(), Write<pb::CreateOrderRequest>("orders.CreateOrder", CreateArgs)});
  tool.AddCall("orders get", "orders.GetOrder", "One order.",
               "stewardctl orders get 0190d9a0-0000-7000-8000-000000000001", {Order()});
  tool.AddCall("orders list", "orders.ListOrders", "Orders by filter, newest first.",
               "stewardctl orders list --filter 'state = RELEASED AND region = \"east\"'",
               {Option("filter",
                       "Terms joined by AND over state owner team region customer contract "
                       "enter_time update_time.")});
  tool.Add({"orders revise", "Other lines or facts before release: the order starts anew.",
            "stewardctl orders revise 0190d9a0-0000-7000-8000-000000000001 --customer acme "
            "--region east --line "
            "'product=kiosk;line=retail;quantity=8;price=15.00'",
            ReviseArgs(), Write<pb::ReviseOrderRequest>("orders.ReviseOrder", ReviseArgs)});
  tool.AddCall("orders history", "orders.ListOrderHistory", "Who did what, when.",
               "stewardctl orders history 0190d9a0-0000-7000-8000-000000000001", {Order("parent")});
  AddSteps(tool);
}

}  // namespace stewardctl
