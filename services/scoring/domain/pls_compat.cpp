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
  for (const auto& [lead, status] : leads) {
    Change(lead, status, 1);
  }
}

void PlsModel::Change(const PlsLead& lead, PlsStatus status, int step) {
  if (status == PlsStatus::kOpen) {
    return;
  }
  Rows& rows = teams_[lead.team];
  for (const Value& value : Counted(lead, status)) {
    PlsRow& row = rows.try_emplace(value, kNew).first->second;
    int64_t& count = status == PlsStatus::kWon ? row.won : row.lost;
    count = Moved(count, step);
  }
}

void PlsModel::Overwrite(const std::optional<std::string>& team, const std::string& variable,
                         const std::string& value, PlsRow row) {
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

PlsModel::Rows PlsModel::RowsFor(const std::optional<std::string>& team) const {
  const auto own = team ? teams_.find(team) : teams_.end();
  if (own != teams_.end() && !own->second.empty()) {
    return own->second;
  }
  Rows sum;
  for (const auto& [each, rows] : teams_) {
    for (const auto& [value, row] : rows) {
      sum[value].won += row.won;
      sum[value].lost += row.lost;
    }
  }
  return sum;
}

std::optional<double> PlsModel::Score(const PlsLead& lead, PlsStatus status) const {
  const PlsStage* stage = StageOf(lead);
  if (status == PlsStatus::kWon || (stage != nullptr && stage->won)) {
    return 100;
  }
  if (status == PlsStatus::kLost || stage == nullptr) {
    return 0;
  }
  const Rows rows = RowsFor(lead.team);
  const auto first = rows.find({kStage, FirstStage()->id});
  if (first == rows.end() || first->second.won <= 0 || first->second.lost <= 0) {
    return std::nullopt;
  }
  std::map<std::string, PlsRow> totals;
  for (const auto& [value, row] : rows) {
    totals[value.first].won += row.won;
    totals[value.first].lost += row.lost;
  }
  totals[kStage] = first->second;
  double won = static_cast<double>(first->second.won);
  double lost = static_cast<double>(first->second.lost);
  std::vector<Value> values = ValuesOf(lead);
  values.emplace_back(kStage, *lead.stage);
  for (const Value& value : values) {
    const auto row = rows.find(value);
    if (row == rows.end() ||
        (value.first == kTag && row->second.won + row->second.lost < config_.least_tag_support)) {
      continue;
    }
    const PlsRow& total = totals.at(value.first);
    won *= static_cast<double>(row->second.won) / static_cast<double>(total.won);
    lost *= static_cast<double>(row->second.lost) / static_cast<double>(total.lost);
  }
  const double percent = std::round(10'000 * won / (won + lost)) / 100;
  return std::clamp(percent, 0.01, 99.99);
}

void PlsProbability::Rescore(double percent) {
  shown_ = automatic() ? percent : shown_;
  reckoned_ = percent;
}

}  // namespace steward::scoring
