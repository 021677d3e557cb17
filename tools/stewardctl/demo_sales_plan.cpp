#include "tools/stewardctl/demo_sales_plan.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "absl/strings/ascii.h"
#include "libs/base/day.h"
#include "libs/base/status.h"
#include "libs/rpc/crypto.h"
#include "tools/stewardctl/context.h"
#include "tools/stewardctl/csv.h"

namespace stewardctl {
namespace {

constexpr absl::CivilDay kFileEnd(2017, 12, 31);
constexpr int64_t kBasisPoints[] = {3'000, 4'000};  // the last instalment takes the rest

// One CSV file by the names of its columns.
class File {
 public:
  static absl::StatusOr<File> Read(const std::string& folder, const std::string& name,
                                   const std::vector<std::string>& columns) {
    File file;
    file.path_ = folder + "/" + name;
    ASSIGN_OR_RETURN(const std::string text, ReadFile(file.path_));
    auto csv = ParseCsv(text);
    if (!csv.ok()) {
      return file.Fault(1, std::string(csv.status().message()));
    }
    file.csv_ = *std::move(csv);
    for (const std::string& column : columns) {
      const auto at = file.csv_.Column(column);
      if (!at) {
        return file.Fault(1, "column `" + column + "` is missing");
      }
      file.columns_[column] = *at;
    }
    for (const CsvRow& row : file.csv_.rows) {
      if (row.cells.size() != file.csv_.header.size()) {
        return file.Fault(row.line, "has " + std::to_string(row.cells.size()) + " cells of " +
                                        std::to_string(file.csv_.header.size()));
      }
    }
    return file;
  }

  const std::vector<CsvRow>& rows() const { return csv_.rows; }
  const std::string& Cell(const CsvRow& row, const std::string& column) const {
    return row.cells[columns_.at(column)];
  }
  absl::StatusOr<int64_t> Whole(const CsvRow& row, const std::string& column) const {
    const std::string& text = Cell(row, column);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) {
      return Fault(row.line, column + ": `" + text + "` is no whole number");
    }
    return value;
  }
  absl::StatusOr<absl::CivilDay> Day(const CsvRow& row, const std::string& column) const {
    auto day = steward::ParseDay(column, Cell(row, column));
    return day.ok() ? day : Fault(row.line, column + ": `" + Cell(row, column) + "` is no day");
  }
  absl::Status Fault(int line, const std::string& what) const {
    return absl::InvalidArgumentError(
        steward::ToAbsl(path_ + " line " + std::to_string(line) + ": " + what));
  }

 private:
  std::string path_;
  Csv csv_;
  std::map<std::string, size_t> columns_;
};

struct DueInstalment {
  int number = 0;
  int64_t cents = 0;
  std::optional<absl::CivilDay> due;
};

void AddPayments(const std::string& id, const DueInstalment& instalment,
                 std::vector<SalesPayment>& payments) {
  const uint64_t hash = SalesNumber(id + "/" + std::to_string(instalment.number));
  const auto kind = static_cast<int>(hash % 100);
  const auto k = static_cast<int64_t>(hash / 100 % 1'000);
  const int64_t cents = instalment.cents;
  const absl::CivilDay due = *instalment.due, early = due - k % 8;
  const auto pay = [&](absl::CivilDay day, int64_t amount, bool refund = false) {
    payments.push_back({day, instalment.number, refund, amount});
  };
  if (kind < 55) {
    pay(early, cents);
  } else if (kind < 70) {
    pay(due + (1 + k % 60), cents);
  } else if (kind < 80) {
    pay(early, cents / 2);
    pay(due + (20 + k % 40), cents - cents / 2);
  } else if (kind < 86) {
    pay(early, cents + cents / 20);
  } else if (kind < 92) {
    pay(early, cents);
    pay(early + 15, cents / 10, /*refund=*/true);
  }
}

void Follow(SalesRow& row, absl::CivilDay until) {
  const auto known = [&](absl::CivilDay day) {
    return day <= until ? std::optional(day) : std::nullopt;
  };
  row.delivered = known(*row.closed + 7);
  row.accepted = known(*row.closed + 14);
  const int64_t first = row.cents * kBasisPoints[0] / 10'000,
                second = row.cents * kBasisPoints[1] / 10'000;
  const std::array<DueInstalment, 3> plan = {
      DueInstalment{1, first, *row.closed + 10},
      {2, second, row.delivered ? std::optional(*row.delivered + 30) : std::nullopt},
      {3, row.cents - first - second,
       row.accepted ? std::optional(*row.accepted + 60) : std::nullopt}};
  for (const DueInstalment& instalment : plan) {
    if (instalment.due) {
      AddPayments(row.id, instalment, row.payments);
    }
  }
  std::erase_if(row.payments, [&](const SalesPayment& p) { return p.day > until || p.cents == 0; });
  std::stable_sort(row.payments.begin(), row.payments.end(),
                   [](const SalesPayment& a, const SalesPayment& b) {
                     return std::pair(a.day, a.instalment) < std::pair(b.day, b.instalment);
                   });
}

}  // namespace

std::string Slug(std::string_view text) {
  std::string slug;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      slug += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') {
    slug.pop_back();
  }
  return slug;
}

uint64_t SalesNumber(const std::string& text) {
  const std::string hash = steward::rpc::Sha256("steward/" + text);
  uint64_t number = 0;
  for (int i = 0; i < 8; ++i) {
    number = number << 8 | static_cast<unsigned char>(hash[static_cast<size_t>(i)]);
  }
  return number;
}

int64_t SalesShift(absl::CivilDay today) {
  const int64_t days = (today - 1) - kFileEnd;
  return (days >= 0 ? days : days - 6) / 7 * 7;
}

absl::StatusOr<SalesFiles> ReadSales(const std::string& folder, int64_t shift_days,
                                     absl::CivilDay until, int64_t limit) {
  SalesFiles files;
  ASSIGN_OR_RETURN(const File teams, File::Read(folder, "sales_teams.csv",
                                                {"sales_agent", "manager", "regional_office"}));
  for (const CsvRow& row : teams.rows()) {
    files.agents.push_back({teams.Cell(row, "sales_agent"), teams.Cell(row, "manager"),
                            teams.Cell(row, "regional_office")});
  }
  ASSIGN_OR_RETURN(
      const File accounts,
      File::Read(folder, "accounts.csv", {"account", "sector", "revenue", "office_location"}));
  for (const CsvRow& row : accounts.rows()) {
    const std::string& sector = accounts.Cell(row, "sector");
    files.accounts.push_back(
        {accounts.Cell(row, "account"), sector == "technolgy" ? "technology" : sector,
         accounts.Cell(row, "office_location"), std::atof(accounts.Cell(row, "revenue").c_str())});
  }
  std::stable_sort(
      files.accounts.begin(), files.accounts.end(),
      [](const SalesAccount& a, const SalesAccount& b) { return a.revenue > b.revenue; });
  ASSIGN_OR_RETURN(const File products,
                   File::Read(folder, "products.csv", {"product", "series", "sales_price"}));
  std::map<std::string, int64_t> prices;
  for (const CsvRow& row : products.rows()) {
    ASSIGN_OR_RETURN(prices[products.Cell(row, "product")], products.Whole(row, "sales_price"));
    files.series[products.Cell(row, "product")] = products.Cell(row, "series");
  }
  ASSIGN_OR_RETURN(const File pipeline,
                   File::Read(folder, "sales_pipeline.csv",
                              {"opportunity_id", "sales_agent", "product", "account", "deal_stage",
                               "engage_date", "close_date", "close_value"}));
  for (const CsvRow& row : pipeline.rows()) {
    if (limit > 0 && static_cast<int64_t>(files.rows.size()) >= limit) {
      break;
    }
    SalesRow out;
    out.place = static_cast<int64_t>(files.rows.size());
    out.id = pipeline.Cell(row, "opportunity_id");
    out.agent = pipeline.Cell(row, "sales_agent");
    out.product =
        pipeline.Cell(row, "product") == "GTXPro" ? "GTX Pro" : pipeline.Cell(row, "product");
    out.account = pipeline.Cell(row, "account");
    out.stage = absl::AsciiStrToLower(pipeline.Cell(row, "deal_stage"));
    const auto price = prices.find(out.product);
    if (price == prices.end()) {
      return pipeline.Fault(row.line, "product: `" + out.product + "` is not in products.csv");
    }
    out.opened = kFileEnd + shift_days;
    if (!pipeline.Cell(row, "engage_date").empty()) {
      ASSIGN_OR_RETURN(const absl::CivilDay day, pipeline.Day(row, "engage_date"));
      out.opened = day + shift_days;
    }
    out.cents = price->second * 100;
    if (out.stage == "won" || out.stage == "lost") {
      ASSIGN_OR_RETURN(const absl::CivilDay day, pipeline.Day(row, "close_date"));
      out.closed = day + shift_days;
    }
    if (out.stage == "won") {
      ASSIGN_OR_RETURN(const int64_t value, pipeline.Whole(row, "close_value"));
      out.cents = value * 100;
      Follow(out, until);
    }
    files.rows.push_back(std::move(out));
  }
  return files;
}

}  // namespace stewardctl
