#include "tools/stewardctl/scorecard_text.h"

#include <algorithm>
#include <map>

#include "libs/base/text.h"
#include "tools/stewardctl/amounts.h"

namespace stewardctl {
namespace {

namespace pb = steward::scoring::v1;
using Row = std::vector<std::string>;
using Names = google::protobuf::Map<std::string, std::string>;

const std::map<std::string_view, std::string_view>& Chinese() {
  static const auto& words = *new std::map<std::string_view, std::string_view>{
      {"KPI", "指标"},
      {"NAME", "名称"},
      {"WEIGHT", "权重"},
      {"VALUE", "实际"},
      {"UNIT", "单位"},
      {"TARGET", "目标"},
      {"target", "目标"},
      {"MET", "达标"},
      {"PERCENT", "完成率"},
      {"POINTS", "得分"},
      {"STATE", "状态"},
      {"DETAIL", "说明"},
      {"MODE", "计分方式"},
      {"TOTAL", "合计"},
      {"LOWEST", "最低可达"},
      {"HIGHEST", "最高可达"},
      {"Missing", "尚缺"},
      {"Nothing is missing.", "数据齐全。"},
      {"blocks the total", "缺此项不计合计"},
      {"counts as zero", "按零分计"},
      {"left out", "不计入"},
      {"Vetoed by", "一票否决"},
      {"Formula", "公式"},
      {"version", "版本"},
      {"Parts", "组成"},
      {"Facts", "事实"},
      {"Measurements", "外部数据"},
      {"none", "无"},
      {"Periods", "分期"},
      {"PERIOD", "期间"},
      {"Assessed", "考核区间"},
      {"working days", "个工作日"},
      {"Came after the period was closed", "结账后到达（不计入）"},
      {"All", "全部"},
      {"ratio_of_sums", "合计相比"},
      {"mean_of_ratios", "完成率平均"},
      {"More: --page-token", "续页：--page-token"},
      {"TERM", "项"},
      {"DAY", "日期"},
      {"EVENT", "事件"},
      {"OF", "对象"},
      {"MEASURE", "度量"},
      {"SOURCE", "来源"},
      {"EXTERNAL ID", "外部编号"},
      {"VERSION", "版本"},
      {"RATER", "评分人"},
      {"EVIDENCE", "依据"},
      {"yes", "是"},
      {"no", "否"},
      {"SCORED", "已计分"},
      {"NOT_MEASURED", "未测得"},
      {"NOT_APPLICABLE", "不适用"},
      {"PENDING", "待数据"},
      {"NO_TARGET", "无目标"},
      {"NO_CURVE", "无评分曲线"},
      {"normalise", "按权重折算"},
      {"raw", "按原权重"},
      {"core_plus_bonus", "核心加附加"},
      {"OPEN", "进行中"},
      {"FROZEN", "已冻结"},
      {"CLOSED", "已结账"},
      {"count", "个"},
      {"days", "天"},
      {"hours", "小时"},
      {"points", "分"},
      {"viewers", "人次"},
      {"ratio", ""},
      {"money", ""}};
  return words;
}

class Words {
 public:
  explicit Words(const std::string& language) : chinese_(language == "zh") {}
  std::string operator()(std::string_view word) const {
    const auto found = Chinese().find(word);
    return std::string(chinese_ && found != Chinese().end() ? found->second : word);
  }
  Row Header(const std::vector<const char*>& words) const {
    Row header;
    std::transform(words.begin(), words.end(), std::back_inserter(header),
                   [&](const char* word) { return (*this)(word); });
    return header;
  }
  std::string Name(const Names& names, const std::string& otherwise) const {
    for (const char* language : {chinese_ ? "zh-Hans" : "en", chinese_ ? "en" : "zh-Hans"}) {
      if (const auto found = names.find(language); found != names.end()) {
        return found->second;
      }
    }
    return otherwise;
  }
  std::string colon(bool more_follows = true) const {
    return chinese_ ? "：" : more_follows ? ": " : ":";
  }
  // The service says it in English.
  std::string Detail(const std::string& detail) const {
    constexpr std::string_view kWaits = "waits for external values from ";
    return chinese_ && detail.starts_with(kWaits) ? "等待外部数据：" + detail.substr(kWaits.size())
                                                  : detail;
  }

 private:
  bool chinese_;
};

std::string IdOf(const std::string& name) { return name.substr(name.find('/') + 1); }

// `1234567.5` as `1,234,567.5`.
std::string Grouped(const std::string& number) {
  const size_t begin = number.starts_with('-') ? 1 : 0;
  const size_t end = std::min(number.find('.'), number.size());
  std::string grouped;
  for (size_t at = 0; at < number.size(); ++at) {
    if (at > begin && at < end && (end - at) % 3 == 0) {
      grouped += ',';
    }
    grouped += number[at];
  }
  return grouped;
}

std::string WithUnit(const std::string& number, const pb::ResultLine& line, const Words& words) {
  if (number.empty()) {
    return "";
  }
  if (line.unit() == "percent") {
    return number + "%";
  }
  std::string unit = line.currency();
  if (unit.empty() && line.unit() != "money" && line.unit() != "ratio") {
    unit = words(line.unit());
  }
  return Grouped(number) + (unit.empty() ? "" : " " + unit);
}

std::string TargetText(const pb::ResultLine& line, const Words& words) {
  const std::string upper = WithUnit(line.target().upper(), line, words);
  return WithUnit(line.target().value(), line, words) + (upper.empty() ? "" : " – " + upper);
}

// Numbers end below each other, and below the end of their header.
void AlignRight(Table& table, size_t column) {
  size_t width = steward::DisplayWidth(table.header[column]);
  for (const Row& row : table.rows) {
    width = std::max(width, steward::DisplayWidth(row[column]));
  }
  const auto pad = [&](std::string& cell) {
    cell.insert(0, width - steward::DisplayWidth(cell), ' ');
  };
  pad(table.header[column]);
  for (Row& row : table.rows) {
    pad(row[column]);
  }
}

std::string Aligned(Table table, std::initializer_list<size_t> numbers, bool color) {
  for (const size_t column : numbers) {
    AlignRight(table, column);
  }
  return Render(table, color);
}

std::string LinesText(const pb::ScorecardResult& card, const Words& words, bool color) {
  Table table{words.Header({"KPI", "NAME", "WEIGHT", "VALUE", "TARGET", "MET", "PERCENT", "POINTS",
                            "STATE"}),
              {}};
  const auto percent = [](const std::string& text) { return text.empty() ? "" : text + "%"; };
  for (const pb::ResultLine& line : card.lines()) {
    table.rows.push_back({IdOf(line.kpi()), words.Name(line.display_names(), line.kpi()),
                          percent(line.weight()), WithUnit(line.value(), line, words),
                          TargetText(line, words), words(line.met()), percent(line.percent()),
                          line.points(), words(line.state())});
  }
  return Aligned(std::move(table), {2, 3, 4, 6, 7}, color);
}

std::string TotalsText(const pb::ScorecardResult& card, const Words& words, bool color) {
  Table table{words.Header({"MODE", "TOTAL", "LOWEST", "HIGHEST"}), {}};
  for (const pb::ResultTotal& total : card.totals()) {
    table.rows.push_back({words(total.mode()), total.total().empty() ? "-" : total.total(),
                          total.lowest(), total.highest()});
  }
  return Aligned(std::move(table), {1, 2, 3}, color);
}

std::string MissingText(const pb::ScorecardResult& card, const Words& words) {
  std::string text;
  for (const pb::ResultLine& line : card.lines()) {
    if (std::find(card.missing().begin(), card.missing().end(), line.kpi()) ==
        card.missing().end()) {
      continue;
    }
    text +=
        "  " + words.Name(line.display_names(), line.kpi()) + words.colon() + words(line.state());
    text += line.detail().empty() ? "" : ", " + words.Detail(line.detail());
    const std::string_view what = line.treatment() == "blocks"     ? "blocks the total"
                                  : line.treatment() == "zero"     ? "counts as zero"
                                  : line.treatment() == "left_out" ? "left out"
                                                                   : "";
    text += what.empty() ? "\n" : " (" + words(what) + ")\n";
  }
  return text.empty() ? words("Nothing is missing.") + "\n"
                      : words("Missing") + words.colon(false) + "\n" + text;
}

std::string CsvCell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

std::string CsvLine(const Row& cells) {
  std::string text;
  for (size_t i = 0; i < cells.size(); ++i) {
    text += (i == 0 ? "" : ",") + CsvCell(cells[i]);
  }
  return text + "\n";
}

// An amount in major units with its currency, a time in hours, minutes and seconds, anything else as it is counted.
std::string NumberText(int64_t number, const std::string& currency, const std::string& unit) {
  if (unit == "duration") {
    return DurationText(number);
  }
  if (currency.empty()) {
    return Grouped(std::to_string(number));
  }
  return AmountText(number, currency);
}

template <class Facts>
std::string FactsText(const Facts& facts, const Words& words, bool color) {
  Table table{words.Header({"DAY", "MEASURE", "VALUE", "OF", "EVENT"}), {}};
  for (const pb::Fact& fact : facts) {
    table.rows.push_back({DayText(fact.has_day(), fact.day()), fact.measure(),
                          NumberText(fact.value(), fact.currency(), fact.unit()), fact.aggregate(),
                          fact.event_id()});
  }
  return Aligned(std::move(table), {2}, color);
}

template <class Values>
std::string GivenText(const Values& values, const Words& words, bool color) {
  Table table{
      words.Header({"DAY", "VALUE", "SOURCE", "EXTERNAL ID", "VERSION", "RATER", "EVIDENCE"}), {}};
  for (const auto& given : values) {
    table.rows.push_back({given.day(), given.value(), given.source(), given.external_id(),
                          std::to_string(given.version()), given.rater(), given.evidence()});
  }
  return Aligned(std::move(table), {1, 4}, color);
}

template <class Parts>
std::string PartsText(const Parts& parts, const Words& words, bool color) {
  Table table{words.Header({"TERM", "TOTAL"}), {}};
  for (const auto& part : parts) {
    table.rows.push_back({part.term(), NumberText(part.total(), part.currency(), part.unit())});
  }
  return Aligned(std::move(table), {1}, color);
}

// What a figure was rolled up from.
std::string PeriodsText(const pb::ResultLine& line, const Words& words, bool color) {
  Table table{words.Header({"PERIOD", "VALUE", "TARGET", "PERCENT", "STATE"}), {}};
  for (const pb::ResultPeriod& period : line.periods()) {
    pb::ResultLine as = line;  // its unit and currency
    *as.mutable_target() = period.target();
    table.rows.push_back(
        {IdOf(period.period()), WithUnit(period.value(), line, words), TargetText(as, words),
         period.percent().empty() ? "" : period.percent() + "%", words(period.state())});
  }
  return "\n" + words("Periods") + " (" + words(line.roll_up()) + ")\n" +
         Aligned(std::move(table), {1, 2, 3}, color);
}

// Value and target; formula and version.
std::string FigureText(const pb::ResultLine& line, const std::string& formula, const Words& words) {
  const std::string value = WithUnit(line.value(), line, words);
  std::string text = Printable(words.Name(line.display_names(), line.kpi())) + words.colon() +
                     (value.empty() ? words(line.state()) : value);
  std::string target = TargetText(line, words);
  if (line.has_whole_target()) {
    pb::ResultLine whole = line;
    *whole.mutable_target() = line.whole_target();
    target += " / " + TargetText(whole, words);
  }
  text += target.empty() ? "" : "  (" + words("target") + " " + target + ")";
  text += line.detail().empty() ? "\n" : "  " + Printable(words.Detail(line.detail())) + "\n";
  return text + words("Formula") + words.colon() + Printable(formula) + "  (" + IdOf(line.kpi()) +
         ", " + words("version") + " " + std::to_string(line.kpi_version()) + ")\n";
}

std::string FirstOf(int shown, int64_t total) {
  return shown == total ? "" : " (" + std::to_string(shown) + " / " + std::to_string(total) + ")";
}

std::string LineText(const pb::ScorecardResult& card, const pb::ResultLine& line,
                     const pb::ExplainScorecardResponse::Line& opened, const Words& words,
                     bool color) {
  std::string text = FigureText(line, opened.formula(), words);
  std::string earned = line.percent().empty() ? "" : words("PERCENT") + " " + line.percent() + "%";
  for (const auto& [name, figure] :
       {std::pair("WEIGHT", line.weight()), std::pair("POINTS", line.points())}) {
    if (!figure.empty()) {
      earned += (earned.empty() ? "" : ", ") + words(name) + " " + figure;
    }
  }
  text += earned.empty() ? "" : earned + "\n";
  text += line.periods_size() > 0 ? PeriodsText(line, words, color) : "";
  if (opened.parts_size() > 0) {
    text += "\n" + words("Parts") + "\n" + PartsText(opened.parts(), words, color);
  }
  if (opened.given_size() > 0) {
    text += "\n" + words("Measurements") + FirstOf(opened.given_size(), opened.total_given()) +
            "\n" + GivenText(opened.given(), words, color);
  } else if (line.source() != "external") {
    text += "\n" + words("Facts") + FirstOf(opened.facts_size(), opened.total_facts());
    text += opened.facts_size() == 0 ? words.colon() + words("none") + "\n"
                                     : "\n" + FactsText(opened.facts(), words, color);
  }
  if (opened.total_facts() > opened.facts_size()) {
    text += words("All") + words.colon() + "stewardctl kpis explain " + IdOf(line.kpi()) + " " +
            card.subject() + " " + IdOf(card.period()) + "\n";
  }
  if (opened.late_facts() > 0) {
    text += words("Came after the period was closed") + words.colon() +
            std::to_string(opened.late_facts()) + "\n";
  }
  return text;
}

}  // namespace

std::string CardText(const pb::ScorecardResult& card, const std::string& language, bool color) {
  const Words words(language);
  std::string text =
      Printable(words.Name(card.display_names(), card.scorecard()) + "  " + card.subject() + "  " +
                IdOf(card.period()) + "  " + words(card.period_state())) +
      "\n\n";
  if (card.has_part()) {
    text.pop_back();
    text += words("Assessed") + words.colon() +
            DayText(card.part().has_first_day(), card.part().first_day()) + " – " +
            DayText(card.part().has_last_day(), card.part().last_day()) + ", " +
            std::to_string(card.part().days()) + " / " + std::to_string(card.part().period_days()) +
            " " + words("working days") + "\n\n";
  }
  text += LinesText(card, words, color) + "\n" + TotalsText(card, words, color) + "\n";
  if (!card.vetoed_by().empty()) {
    text += words("Vetoed by") + words.colon() + card.vetoed_by() + "\n";
  }
  return text + MissingText(card, words);
}

std::string CardCsv(const pb::ScorecardResult& card, const std::string& language) {
  const Words words(language);
  std::string text =
      CsvLine(words.Header({"KPI", "NAME", "WEIGHT", "VALUE", "UNIT", "TARGET", "MET", "PERCENT",
                            "POINTS", "STATE", "DETAIL", "LOWEST", "HIGHEST"}));
  for (const pb::ResultLine& line : card.lines()) {
    std::string target = line.target().value();
    target += line.target().upper().empty() ? "" : " .. " + line.target().upper();
    text +=
        CsvLine({IdOf(line.kpi()), words.Name(line.display_names(), line.kpi()), line.weight(),
                 line.value(), line.currency().empty() ? line.unit() : line.currency(), target,
                 line.met(), line.percent(), line.points(), line.state(), line.detail(), "", ""});
  }
  for (const pb::ResultTotal& total : card.totals()) {
    text += CsvLine({words("TOTAL"), total.mode(), "", "", "", "", "", "", total.total(), "", "",
                     total.lowest(), total.highest()});
  }
  return text;
}

std::string ExplainText(const pb::ExplainKpiResponse& explained, const std::string& language,
                        bool color) {
  const Words words(language);
  const pb::ResultLine& line = explained.line();
  std::string text = FigureText(line, explained.formula(), words);
  text += line.periods_size() > 0 ? PeriodsText(line, words, color) : "";
  if (explained.parts_size() > 0) {
    text += "\n" + words("Parts") + "\n" + PartsText(explained.parts(), words, color);
  }
  if (explained.given_size() > 0) {
    text += "\n" + words("Measurements") + "\n" + GivenText(explained.given(), words, color);
  } else if (line.source() != "external") {
    text += "\n" + words("Facts");
    text += explained.facts_size() == 0 ? words.colon() + words("none") + "\n"
                                        : "\n" + FactsText(explained.facts(), words, color);
  }
  if (!explained.next_page_token().empty()) {
    text += "\n" + words("More: --page-token") + " " + explained.next_page_token() + "\n";
  }
  return text;
}

std::string ExplainText(const pb::ExplainScorecardResponse& explained, const std::string& language,
                        bool color) {
  const Words words(language);
  std::string text = CardText(explained.result(), language, color);
  for (const auto& opened : explained.lines()) {
    for (const pb::ResultLine& line : explained.result().lines()) {
      if (line.kpi() == opened.kpi()) {
        text += "\n" + std::string(72, '-') + "\n" +
                LineText(explained.result(), line, opened, words, color);
      }
    }
  }
  return text;
}

}  // namespace stewardctl
