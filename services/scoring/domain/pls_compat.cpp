#include "services/scoring/domain/pls_compat.h"

#include <algorithm>
#include <cmath>

namespace steward::scoring {
namespace {

constexpr char kStage[] = "stage_id";
constexpr char kTag[] = "tag_id";

// A new row: nothing counted yet.
constexpr PlsRow kNew{1, 1};

int64_t Moved(int64_t tenths, int step) { return std::max<int64_t>(tenths + 10 * step, 1); }

}  // namespace

const PlsStage* PlsModel::StageOf(const PlsLead& lead) const {
  for (const PlsStage& stage : config_.stages) {
    if (lead.stage == stage.id) {
      return &stage;
    }
  }
  return nullptr;
}

const PlsStage* PlsModel::FirstStage() const {
  const auto first = std::min_element(
      config_.stages.begin(), config_.stages.end(),
      [](const PlsStage& a, const PlsStage& b) { return a.sequence < b.sequence; });
  return first == config_.stages.end() ? nullptr : &*first;
}

// Configured fields and tags.
std::vector<PlsModel::Value> PlsModel::ValuesOf(const PlsLead& lead) const {
  std::vector<Value> values;
  for (const std::string& field : config_.fields) {
    const auto found = lead.fields.find(field);
    if (found != lead.fields.end() && found->second) {
      values.emplace_back(field, *found->second);
    } else if (config_.null_counts.count(field) > 0) {
      values.emplace_back(field, "False");
    }
  }
  for (const std::string& tag : lead.tags) {
    values.emplace_back(kTag, tag);
  }
  return values;
}

// A won lead has been in every stage, a lost one in its own and those before.
std::set<PlsModel::Value> PlsModel::Counted(const PlsLead& lead, PlsStatus status) const {
  std::set<Value> counted;
  for (const Value& value : ValuesOf(lead)) {
    counted.insert(value);
  }
  const PlsStage* own = StageOf(lead);
  for (const PlsStage& stage : config_.stages) {
    if (status == PlsStatus::kWon || (own != nullptr && stage.sequence <= own->sequence)) {
      counted.emplace(kStage, stage.id);
    }
  }
  return counted;
}

void PlsModel::Rebuild(const std::vector<std::pair<PlsLead, PlsStatus>>& leads) {
  teams_.clear();
  sums_.clear();
  for (const auto& [lead, status] : leads) {
    Change(lead, status, 1);
  }
}

void PlsModel::Change(const PlsLead& lead, PlsStatus status, int step) {
  if (status == PlsStatus::kOpen) {
    return;
  }
  sums_.clear();
  Rows& rows = teams_[lead.team];
  for (const Value& value : Counted(lead, status)) {
    PlsRow& row = rows.try_emplace(value, kNew).first->second;
    int64_t& count = status == PlsStatus::kWon ? row.won : row.lost;
    count = Moved(count, step);
  }
}

void PlsModel::Overwrite(const std::optional<std::string>& team, const std::string& variable,
                         const std::string& value, PlsRow row) {
  sums_.clear();
  teams_[team][{variable, value}] = row;
}

std::optional<PlsRow> PlsModel::Find(const std::optional<std::string>& team,
                                     const std::string& variable, const std::string& value) const {
  const auto rows = teams_.find(team);
  if (rows == teams_.end()) {
    return std::nullopt;
  }
  const auto row = rows->second.find({variable, value});
  return row == rows->second.end() ? std::nullopt : std::optional(row->second);
}

bool PlsModel::HasRows(const std::optional<std::string>& team) const {
  const auto own = team ? teams_.find(team) : teams_.end();
  return own != teams_.end() && !own->second.empty();
}

void PlsModel::Settle() {
  sums_.clear();
  sums_[std::nullopt] = SumsFor(std::nullopt);
  for (const auto& [team, rows] : teams_) {
    if (HasRows(team)) {
      sums_[team] = SumsFor(team);
    }
  }
}

// Of the team's own rows, or of all where it has none.
PlsModel::Sums PlsModel::SumsFor(const std::optional<std::string>& team) const {
  const bool of_team = HasRows(team);
  Sums sums;
  sums.of_team = of_team;
  for (const auto& [each, rows] : teams_) {
    if (of_team && each != team) {
      continue;
    }
    for (const auto& [value, row] : rows) {
      PlsFactor& factor = sums.factors.try_emplace(value).first->second;
      factor.teams = factor.variable.empty() ? 1 : factor.teams + 1;
      factor.variable = value.first;
      factor.value = value.second;
      factor.row.won += row.won;
      factor.row.lost += row.lost;
    }
  }
  std::map<std::string, PlsRow> totals;
  for (const auto& [value, factor] : sums.factors) {
    totals[value.first].won += factor.row.won;
    totals[value.first].lost += factor.row.lost;
  }
  if (FirstStage() != nullptr) {
    const auto first = sums.factors.find({kStage, FirstStage()->id});
    totals[kStage] = first == sums.factors.end() ? PlsRow{} : first->second.row;
  }
  for (auto& [value, factor] : sums.factors) {
    factor.total = totals.at(value.first);
  }
  return sums;
}

std::optional<double> PlsModel::Score(const PlsLead& lead, PlsStatus status) const {
  const PlsStage* stage = StageOf(lead);
  if (status == PlsStatus::kWon || (stage != nullptr && stage->won)) {
    return 100;
  }
  if (status == PlsStatus::kLost || stage == nullptr) {
    return 0;
  }
  const std::optional<PlsTrace> trace = Trace(lead);
  return trace ? std::optional(trace->percent) : std::nullopt;
}

std::optional<PlsTrace> PlsModel::Trace(const PlsLead& lead) const {
  if (StageOf(lead) == nullptr) {
    return std::nullopt;
  }
  const auto settled = sums_.find(HasRows(lead.team) ? lead.team : std::nullopt);
  const Sums made = settled == sums_.end() ? SumsFor(lead.team) : Sums{};
  const Sums& sums = settled == sums_.end() ? made : settled->second;
  const auto first = sums.factors.find({kStage, FirstStage()->id});
  if (first == sums.factors.end() || first->second.row.won <= 0 || first->second.row.lost <= 0) {
    return std::nullopt;
  }
  PlsTrace trace{sums.of_team, first->second, {}, 0};
  double won = static_cast<double>(first->second.row.won);
  double lost = static_cast<double>(first->second.row.lost);
  std::vector<Value> values = ValuesOf(lead);
  values.emplace_back(kStage, *lead.stage);
  for (const Value& value : values) {
    const auto found = sums.factors.find(value);
    if (found == sums.factors.end() ||
        (value.first == kTag &&
         found->second.row.won + found->second.row.lost < config_.least_tag_support)) {
      continue;
    }
    const PlsFactor& factor = found->second;
    won *= static_cast<double>(factor.row.won) / static_cast<double>(factor.total.won);
    lost *= static_cast<double>(factor.row.lost) / static_cast<double>(factor.total.lost);
    trace.factors.push_back(factor);
  }
  const double percent = std::round(10'000 * won / (won + lost)) / 100;
  trace.percent = std::clamp(percent, 0.01, 99.99);
  return trace;
}

void PlsProbability::Rescore(double percent) {
  shown_ = automatic() ? percent : shown_;
  reckoned_ = percent;
}

}  // namespace steward::scoring
