// stewardctl payments: what is written into the ledgers of contracts.

#include <algorithm>

#include "libs/base/status.h"
#include "steward/orders/v1/receivables_service.pb.h"
#include "tools/stewardctl/amounts.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/context.h"
#include "tools/stewardctl/csv.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::orders::v1;

constexpr size_t kBatch = 500;

std::string ReceivableOf(const std::string& contract) {
  return (contract.starts_with("contracts/") ? contract : "contracts/" + contract) + "/receivable";
}

// `2=300.00`: 300.00 of it for instalment 2.
absl::Status AddPart(const std::string& text, const std::string& currency, pb::Payment* payment) {
  const size_t equals = text.find('=');
  pb::PaymentPart& part = *payment->add_parts();
  if (equals == std::string::npos ||
      !SetField("instalment", text.substr(0, equals), {}, &part).ok()) {
    return steward::FieldInvalid("--part",
                                 "`" + text + "` is not INSTALMENT=AMOUNT, for example 2=300.00");
  }
  return SetAmount("--part", text.substr(equals + 1), currency, part.mutable_amount());
}

absl::Status Record(Session& session, const Args& args) {
  pb::RecordPaymentRequest request;
  pb::RecordPaymentResponse recorded;
  const std::string currency = args.Text("currency", "CNY");
  request.set_parent(ReceivableOf(args.Text("CONTRACT")));
  pb::Payment& payment = *request.mutable_payment();
  payment.set_kind(args.Text("kind", "RECEIPT"));
  RETURN_IF_ERROR(SetAmount("AMOUNT", args.Text("AMOUNT"), currency, payment.mutable_amount()));
  if (args.Has("on")) {
    RETURN_IF_ERROR(SetDay("--on", args.Text("on"), payment.mutable_occurred_on()));
  }
  for (const std::string& part : args.Texts("part")) {
    RETURN_IF_ERROR(AddPart(part, currency, &payment));
  }
  payment.set_reverses(args.Text("reverses"));
  payment.set_source(args.Text("source"));
  payment.set_external_id(args.Text("external-id"));
  RETURN_IF_ERROR(session.Call("orders.RecordPayment", request, &recorded));
  if (session.json()) {
    session.Print(recorded);
    return absl::OkStatus();
  }
  session.Say(recorded.already_existed() ? "recorded before" : "recorded");
  session.Print(recorded.payment());
  session.Say("outstanding " + AmountText(recorded.receivable().outstanding()) +
              ", customer's credit " + AmountText(recorded.receivable().credit()));
  return absl::OkStatus();
}

absl::Status List(Session& session, const Args& args) {
  pb::ListPaymentsRequest request;
  pb::ListPaymentsResponse all;
  if (args.Has("contract")) {
    request.set_parent(ReceivableOf(args.Text("contract")));
  }
  ASSIGN_OR_RETURN(const int64_t limit, args.Number("limit", 50, 1, 100'000));
  do {
    pb::ListPaymentsResponse page;
    request.set_page_size(
        static_cast<int32_t>(std::min<int64_t>(200, limit - all.payments_size())));
    RETURN_IF_ERROR(session.Call("orders.ListPayments", request, &page));
    all.mutable_payments()->MergeFrom(page.payments());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && all.payments_size() < limit);
  if (session.json()) {
    session.Print(all);
    return absl::OkStatus();
  }
  size_t width = std::string_view("AMOUNT").size();
  for (const pb::Payment& payment : all.payments()) {
    width = std::max(width, AmountText(payment.amount()).size());
  }
  const auto right = [width](const std::string& text) {
    return std::string(width - text.size(), ' ') + text;
  };
  Table table{{"DAY", "KIND", right("AMOUNT"), "SOURCE", "EXTERNAL ID", "BY", "PAYMENT"}, {}};
  for (const pb::Payment& payment : all.payments()) {
    table.rows.push_back({DayText(true, payment.occurred_on()), payment.kind(),
                          right(AmountText(payment.amount())), payment.source(),
                          payment.external_id(), payment.recorded_by(), payment.name()});
  }
  session.Print(table);
  return absl::OkStatus();
}

struct ImportRow {
  int line = 0;
  pb::RecordPaymentRequest request;
};

absl::StatusOr<std::vector<ImportRow>> ReadRows(const Csv& csv, const std::string& source) {
  for (const char* needed : {"contract", "amount", "external_id"}) {
    if (!csv.Column(needed)) {
      return steward::FieldInvalid("FILE", std::string("has no column `") + needed + "`");
    }
  }
  std::vector<ImportRow> rows;
  for (const CsvRow& row : csv.rows) {
    const auto cell = [&](std::string_view name) {
      const auto column = csv.Column(name);
      return column && *column < row.cells.size() ? row.cells[*column] : std::string();
    };
    ImportRow read{row.line, {}};
    const std::string place = "line " + std::to_string(row.line) + " ";
    read.request.set_parent(ReceivableOf(cell("contract")));
    pb::Payment& payment = *read.request.mutable_payment();
    const std::string currency = cell("currency").empty() ? "CNY" : cell("currency");
    RETURN_IF_ERROR(
        SetAmount(place + "column amount", cell("amount"), currency, payment.mutable_amount()));
    if (!cell("occurred_on").empty()) {
      RETURN_IF_ERROR(
          SetDay(place + "column occurred_on", cell("occurred_on"), payment.mutable_occurred_on()));
    }
    if (!cell("instalment").empty()) {
      RETURN_IF_ERROR(AddPart(cell("instalment") + "=" + cell("amount"), currency, &payment));
    }
    payment.set_kind(cell("kind"));
    payment.set_source(cell("source").empty() ? source : cell("source"));
    payment.set_external_id(cell("external_id"));
    rows.push_back(std::move(read));
  }
  return rows;
}

absl::Status Import(Session& session, const Args& args) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(args.Text("FILE")));
  ASSIGN_OR_RETURN(const Csv csv, ParseCsv(text));
  ASSIGN_OR_RETURN(const std::vector<ImportRow> rows, ReadRows(csv, args.Text("source")));
  int recorded = 0, known = 0;
  Table refused{{"LINE", "REASON", "FIELD", "MESSAGE"}, {}};
  for (size_t from = 0; from < rows.size(); from += kBatch) {
    pb::BatchRecordPaymentsRequest request;
    pb::BatchRecordPaymentsResponse report;
    const size_t to = std::min(rows.size(), from + kBatch);
    for (size_t i = from; i < to; ++i) {
      *request.add_requests() = rows[i].request;
    }
    RETURN_IF_ERROR(session.Call("orders.BatchRecordPayments", request, &report));
    recorded += report.recorded();
    known += report.already_existed();
    for (int i = 0; i < report.results_size(); ++i) {
      const auto& result = report.results(i);
      if (!result.has_payment()) {
        refused.rows.push_back({std::to_string(rows[from + static_cast<size_t>(i)].line),
                                result.reason(), result.field(), result.message()});
      }
    }
  }
  session.Say(std::to_string(recorded) + " recorded, " + std::to_string(known) +
              " recorded before, " + std::to_string(refused.rows.size()) + " refused");
  if (!refused.rows.empty()) {
    session.Print(refused);
    return absl::InvalidArgumentError(std::to_string(refused.rows.size()) + " rows are refused");
  }
  return absl::OkStatus();
}

}  // namespace

void AddPayments(Tool& tool) {
  tool.Group("payments", "Receipts, refunds, credit notes, write-offs and reversals.");
  tool.Add(
      {"payments record",
       "Writes one into the ledger of a contract.",
       "stewardctl payments record 0190d9a0-0000-7000-8000-000000000001 300.00 --on 2026-03-31\n"
       "stewardctl payments record 0190d9a0-0000-7000-8000-000000000001 20.00 --kind WRITE_OFF "
       "--part 2=20.00",
       {Positional("CONTRACT", "`contracts/{uuid}` or the uuid."),
        Positional("AMOUNT", "12345.60, above zero."),
        Option("currency", "Of the contract.").Else("CNY"),
        Option("kind", "Kind.")
            .Of({"RECEIPT", "REFUND", "CREDIT_NOTE", "WRITE_OFF", "REVERSAL"})
            .Else("RECEIPT"),
        Option("on", "Day in the company's zone, 2026-03-31 (default: today)."),
        OptionList("part", "INSTALMENT=AMOUNT that it is meant for (default: oldest due first)."),
        Option("reverses",
               "Receipt that a reversal takes back, `contracts/{uuid}/payments/{uuid}`."),
        Option("source", "Where it comes from, a code."), Option("external-id", "Its id there.")},
       Record});
  tool.Add({"payments list",
            "Entries, newest first.",
            "stewardctl payments list --contract 0190d9a0-0000-7000-8000-000000000001",
            {Option("contract", "`contracts/{uuid}` or the uuid (default: all within reach)."),
             Option("limit", "At most this many (default: 50).")},
            List});
  tool.Add({"payments import",
            "Writes the rows of a CSV file; one that is there already is left alone, so a file may "
            "be sent again.",
            "stewardctl payments import receipts.csv --source icbc-8001",
            {Positional("FILE",
                        "Columns: contract amount external_id; also currency occurred_on kind "
                        "instalment source."),
             Option("source", "Where the rows without a source come from, a code.")},
            Import});
}

}  // namespace stewardctl
