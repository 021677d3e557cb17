#include "services/scoring/domain/lead_batch.h"

#include <algorithm>
#include <tuple>

namespace steward::scoring {

uint32_t Codes::Of(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const auto found = codes_.find(text);
  if (found != codes_.end()) {
    return found->second;
  }
  const auto code = static_cast<uint32_t>(texts_.size());
  texts_.emplace_back(text);
  codes_.emplace(texts_.back(), code);
  return code;
}

LeadDictionary::LeadDictionary() {
  for (size_t i = 0; i < kRecordFeatures; ++i) {
    ColumnOf(RecordFeatureName(i));
  }
}

size_t LeadDictionary::ColumnOf(std::string_view feature) {
  const size_t place = names_.Of(feature) - 1;
  if (place == columns_.size()) {
    columns_.push_back({std::string(feature), {}, {""}, {""}});
    const auto after =
        std::upper_bound(by_name_.begin(), by_name_.end(), feature,
                         [this](std::string_view a, size_t b) { return a < columns_[b].feature; });
    by_name_.insert(after, place);
  }
  return place;
}

Code LeadDictionary::CodeOf(size_t index, std::string_view value) {
  Column& column = columns_[index];
  // "" has no code in Codes, but a tier may be called so: it takes the place of a text that cannot be.
  const uint32_t known = column.codes.Of(value.empty() ? std::string_view("\0", 1) : value);
  if (known == column.values.size()) {
    column.values.emplace_back(value);
    std::string piece = column.feature;
    piece += '\x1f';
    piece += value;
    piece += '\x1e';
    column.pieces.push_back(std::move(piece));
  }
  return static_cast<Code>(known);
}

bool LeadDictionary::HasRoomFor(size_t leads) const {
  return std::all_of(columns_.begin(), columns_.end(), [leads](const Column& column) {
    return column.values.size() + leads <= kMostValues;
  });
}

void LeadBatch::Add(const LeadRow& row, std::vector<LeadEvent> events,
                    const std::vector<LeadOpportunity>& opportunities, Time now) {
  const auto set = [this](size_t column, Code code) {
    if (column >= columns_.size()) {
      columns_.resize(column + 1);
    }
    std::vector<Code>& codes = columns_[column];
    codes.resize(size_ + 1);
    if (codes[size_] == kAbsent) {  // of two tiers of one scheme the first counts
      codes[size_] = code;
    }
  };
  for (size_t i = 0; i < kRecordFeatures; ++i) {
    if (!row.values[i].empty()) {
      set(i, dictionary_.CodeOf(i, row.values[i]));
    }
  }
  for (const std::string_view tier : row.tiers) {
    if (const size_t colon = tier.find(':'); colon != std::string_view::npos) {
      const size_t column = dictionary_.ColumnOf(TierFeature(tier.substr(0, colon)));
      set(column, dictionary_.CodeOf(column, tier.substr(colon + 1)));
    }
  }
  SettleEvents(events, now);
  for (const LeadEvent& event : events) {
    events_.push_back({event.id, dictionary_.kinds.Of(event.kind), event.at});
  }
  first_event_.push_back(events_.size());
  const LeadOpportunity* open = OpenOpportunity(opportunities);
  open_.emplace_back();
  if (open != nullptr) {
    open_.back() = {true, open->win_basis_points, dictionary_.stages.Of(open->stage)};
  }
  team_.push_back(dictionary_.teams.Of(
      open != nullptr && !open->team.empty() ? std::string_view(open->team) : row.team));
  ++size_;
}

void LeadBatch::Add(const LeadFacts& facts, Time now) {
  LeadRow row;
  for (size_t i = 0; i < kRecordFeatures; ++i) {
    row.values[i] = RecordFeature(facts.record, i);
  }
  row.team = facts.record.team;
  const std::vector<std::string_view> tiers(facts.tiers.begin(), facts.tiers.end());
  row.tiers = tiers;
  Add(row, facts.events, facts.opportunities, now);
}

Code LeadBatch::CodeOf(size_t column, size_t lead) const {
  return column < columns_.size() && lead < columns_[column].size() ? columns_[column][lead]
                                                                    : kAbsent;
}

std::string LeadBatch::HashOf(size_t lead) const {
  std::string text;
  for (const size_t column : dictionary_.by_name()) {
    text += dictionary_.PieceOf(column, CodeOf(column, lead));
  }
  text += '\x1d';
  for (const size_t column : dictionary_.by_name()) {
    if (column < kRecordFeatures) {
      text += dictionary_.PieceOf(column, CodeOf(column, lead));
    }
  }
  return HashOfText(text);
}

Features LeadBatch::FeaturesOf(size_t lead) const {
  Features features;
  for (size_t column = 0; column < columns_.size(); ++column) {
    if (const Code code = CodeOf(column, lead); code != kAbsent) {
      features.emplace(dictionary_.FeatureOf(column), dictionary_.ValuesOf(column)[code]);
    }
  }
  return features;
}

size_t LeadBatch::bytes() const {
  size_t sum = 0;
  for (const std::vector<Code>& column : columns_) {
    sum += column.size() * sizeof(Code);
  }
  return sum;
}

}  // namespace steward::scoring
