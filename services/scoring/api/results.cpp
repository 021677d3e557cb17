#include "services/scoring/api/results.h"

#include "libs/base/status.h"
#include "services/scoring/api/eligibility_api.h"

namespace steward::scoring {
namespace {

template <class Message>
absl::StatusOr<Message> ReadOne(const pg::Result& rows, const std::string& name) {
  if (rows.rows() == 0) {
    return NotFound(name);
  }
  Message message;
  if (!message.ParseFromString(ReadDefinition(rows, 0).body)) {
    return absl::DataLossError("definition: body does not parse");
  }
  return message;
}

std::string_view TextOf(Treatment treatment) {
  switch (treatment) {
    case Treatment::kCounted:
      return "counted";
    case Treatment::kZero:
      return "zero";
    case Treatment::kLeftOut:
      return "left_out";
    case Treatment::kBlocks:
      return "blocks";
  }
  return "";
}

void AddPeriods(const Reading& figure, v1::ResultLine* line) {
  for (const auto& [name, reading] : figure.periods) {
    v1::ResultPeriod& period = *line->add_periods();
    const Attainment& attainment = reading.attainment;
    period.set_period(name);
    period.set_state(std::string(NameOf(attainment.state)));
    period.set_detail(reading.detail);
    if (attainment.actual.value) {
      period.set_value(FormatDecimal(*attainment.actual.value));
    }
    if (attainment.target) {
      ToProto(*attainment.target, period.mutable_target());
    }
    if (reading.whole_target) {
      ToProto(*reading.whole_target, period.mutable_whole_target());
    }
    if (attainment.percent) {
      period.set_percent(FormatFigure(*attainment.percent));
    }
  }
}

void AddTotal(const Sheet& sheet, v1::ScorecardResult* out) {
  v1::ResultTotal& total = *out->add_totals();
  total.set_mode(std::string(NameOf(sheet.mode)));
  const auto text = [](const std::optional<Decimal>& figure) {
    return figure ? FormatFigure(*figure) : std::string();
  };
  total.set_total(text(sheet.total));
  total.set_lowest(text(sheet.lowest));
  total.set_highest(text(sheet.highest));
  for (const Line& line : sheet.lines) {
    v1::ResultTotal::Item& item = *total.add_items();
    item.set_kpi(line.kpi);
    item.set_weight_used(line.weight_used ? FormatDecimal(*line.weight_used) : "");
    item.set_points(text(line.points));
  }
}

}  // namespace

absl::StatusOr<v1::Kpi> ReadKpi(const pg::Result& rows, const std::string& name) {
  return ReadOne<v1::Kpi>(rows, name);
}

absl::StatusOr<v1::Scorecard> ReadCard(const pg::Result& rows, const std::string& name) {
  return ReadOne<v1::Scorecard>(rows, name);
}

absl::StatusOr<LoadedCard> LoadItems(pg::Tx& tx, v1::Scorecard proto) {
  std::vector<pg::Pending> rows;
  for (const v1::ScorecardItem& item : proto.items()) {
    rows.push_back(QueueDefinition(tx, item.kpi(), item.kpi_version()));
  }
  RETURN_IF_ERROR(tx.Flush());
  LoadedCard loaded;
  for (int i = 0; i < proto.items_size(); ++i) {
    v1::ScorecardItem& item = *proto.mutable_items(i);
    absl::StatusOr<v1::Kpi> kpi = ReadKpi(*rows[static_cast<size_t>(i)], item.kpi());
    if (absl::IsNotFound(kpi.status())) {
      return FieldInvalid("scorecard.items[" + std::to_string(i) + "].kpi",
                          "there is no such version of `" + item.kpi() + "`");
    }
    RETURN_IF_ERROR(kpi.status());
    item.set_kpi_version(kpi->version());
    ASSIGN_OR_RETURN(CompiledKpi compiled, Compile(item.kpi(), *kpi));
    loaded.compiled.push_back(std::move(compiled));
    loaded.kpis.push_back(*std::move(kpi));
  }
  ASSIGN_OR_RETURN(loaded.card, CompileCard("scorecard", proto, loaded.compiled));
  loaded.proto = std::move(proto);
  return loaded;
}

void AddFindings(const LoadedCard& loaded, v1::Scorecard* out) {
  for (const Finding& finding : Lint(loaded.card)) {
    v1::ScorecardFinding& to = *out->add_findings();
    to.set_code(finding.code);
    to.set_item(finding.item);
    to.set_detail(finding.detail);
  }
}

void FillLine(const v1::Kpi& kpi, const Reading& figure, v1::ResultLine* line) {
  const Attainment& attainment = figure.attainment;
  line->set_kpi(kpi.name());
  line->set_kpi_version(kpi.version());
  *line->mutable_display_names() = kpi.display_names();
  line->set_state(std::string(NameOf(attainment.state)));
  line->set_detail(figure.detail);
  line->set_unit(kpi.unit());
  line->set_source(kpi.formula().has_external() ? "external" : "measured");
  if (attainment.actual.value) {
    line->set_value(FormatDecimal(*attainment.actual.value));
    line->set_currency(kpi.unit() == "money" ? figure.currency : "");
  }
  if (attainment.target) {
    ToProto(*attainment.target, line->mutable_target());
  }
  if (attainment.met) {
    line->set_met(*attainment.met ? "yes" : "no");
  }
  if (attainment.percent) {
    line->set_percent(FormatFigure(*attainment.percent));
  }
  if (figure.whole_target) {
    ToProto(*figure.whole_target, line->mutable_whole_target());
  }
  if (!figure.periods.empty()) {
    line->set_roll_up(kpi.roll_up());
    AddPeriods(figure, line);
  }
}

absl::StatusOr<FilledCard> Reckon(pg::Tx& tx, const LoadedCard& loaded, const Asked& asked) {
  FilledCard filled{{}, FigureReader(asked), {}};
  for (const CompiledKpi& kpi : loaded.compiled) {
    filled.reader.Queue(tx, kpi);
  }
  RETURN_IF_ERROR(tx.Flush());
  v1::ScorecardResult& result = filled.result;
  result.set_scorecard(loaded.proto.name());
  result.set_scorecard_version(loaded.proto.version());
  result.set_subject(asked.subject);
  result.set_period(asked.period.name);
  result.set_period_state(asked.state);
  *result.mutable_display_names() = loaded.proto.display_names();
  if (const auto part = asked.parts.find(asked.period.name); part != asked.parts.end()) {
    ToProto(part->second, result.mutable_part());
  }
  std::vector<Attainment> attainments;
  for (size_t i = 0; i < loaded.kpis.size(); ++i) {
    ASSIGN_OR_RETURN(Reading figure, filled.reader.Read(loaded.compiled[i], loaded.kpis[i].unit()));
    v1::ResultLine& line = *result.add_lines();
    FillLine(loaded.kpis[i], figure, &line);
    line.set_weight(loaded.proto.items(static_cast<int>(i)).weight());
    attainments.push_back(figure.attainment);
    filled.readings.push_back(std::move(figure));
  }
  ASSIGN_OR_RETURN(const auto sheets, FillInAll(loaded.card, attainments));
  for (const Sheet& sheet : sheets) {
    AddTotal(sheet, &result);
    if (sheet.mode != loaded.card.mode) {
      continue;
    }
    for (size_t i = 0; i < sheet.lines.size(); ++i) {
      v1::ResultLine& line = *result.mutable_lines(static_cast<int>(i));
      line.set_treatment(std::string(TextOf(sheet.lines[i].treatment)));
      line.set_points(sheet.lines[i].points ? FormatFigure(*sheet.lines[i].points) : "");
    }
    result.mutable_missing()->Assign(sheet.missing.begin(), sheet.missing.end());
    result.mutable_blocking()->Assign(sheet.blocking.begin(), sheet.blocking.end());
    result.set_vetoed_by(sheet.vetoed_by);
  }
  return filled;
}

}  // namespace steward::scoring
