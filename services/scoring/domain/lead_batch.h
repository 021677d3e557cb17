#pragma once
// Many leads in columns: for each feature one column of codes, which a dictionary turns into values and back. What is reckoned for all
// leads at once (points, chances) is a look-up in a table by code.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/scoring/domain/lead_score.h"

namespace steward::scoring {

using Code = uint16_t;
inline constexpr Code kAbsent = 0;  // the lead has no such feature

// Text to a number from 1 on, in order of appearance; 0 is "".
class Codes {
 public:
  Codes() : texts_(1) {}
  uint32_t Of(std::string_view text);  // made when new
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::vector<std::string> texts_;
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> codes_;
};

// Features, their values, kinds of events and teams. It only grows; who keeps one from batch to batch begins a new one when it is full.
class LeadDictionary {
 public:
  static constexpr size_t kMostValues = 65'535;  // of one feature
  LeadDictionary();                              // with the columns of a lead's record
  size_t ColumnOf(std::string_view feature);     // made when new
  Code CodeOf(size_t column,
              std::string_view value);  // made when new; never kAbsent, "" too is a value
  bool HasRoomFor(size_t leads) const;
  size_t columns() const { return columns_.size(); }
  const std::string& FeatureOf(size_t column) const { return columns_[column].feature; }
  // Values by code; the first stands for kAbsent.
  const std::vector<std::string>& ValuesOf(size_t column) const { return columns_[column].values; }
  // What HashOf reads of a value, by code.
  const std::string& PieceOf(size_t column, Code code) const {
    return columns_[column].pieces[code];
  }
  const std::vector<size_t>& by_name() const { return by_name_; }  // columns in order of features

  Codes kinds, teams, stages;

 private:
  struct Column {
    std::string feature;
    Codes codes;
    std::vector<std::string> values, pieces;
  };
  std::vector<Column> columns_;
  Codes names_;  // of the columns, from 1 on
  std::vector<size_t> by_name_;
};

// What is read of a lead, without copies; the texts outlive Add only in the dictionary.
struct LeadRow {
  std::array<std::string_view, kRecordFeatures> values;  // as RecordFeatureName counts them
  std::string_view team;
  std::span<const std::string_view> tiers;
};

class LeadBatch {
 public:
  struct Event {
    Uuid id;
    uint32_t kind;  // of dictionary.kinds
    Time at;
  };
  // Of the open opportunity that counts for the chance.
  struct Open {
    bool any = false;
    int32_t win_basis_points = 0;
    uint32_t stage = 0;  // of dictionary.stages
  };
  explicit LeadBatch(LeadDictionary& dictionary) : dictionary_(dictionary) {}
  // Events may come in any order, and twice; those after `now` do not count.
  void Add(const LeadRow& row, std::vector<LeadEvent> events,
           const std::vector<LeadOpportunity>& opportunities, Time now);
  void Add(const LeadFacts& facts, Time now);

  size_t size() const { return size_; }
  const LeadDictionary& dictionary() const { return dictionary_; }
  size_t columns() const { return columns_.size(); }
  // Of the leads up to the last one that has the feature.
  const std::vector<Code>& column(size_t i) const { return columns_[i]; }
  Code CodeOf(size_t column, size_t lead) const;
  // Oldest first.
  std::span<const Event> EventsOf(size_t lead) const {
    return std::span(events_).subspan(first_event_[lead],
                                      first_event_[lead + 1] - first_event_[lead]);
  }
  bool HasEvents() const { return !events_.empty(); }
  Open OpenOf(size_t lead) const { return open_[lead]; }
  uint32_t TeamOf(size_t lead) const {
    return team_[lead];
  }                                       // of dictionary.teams, whose scopes are asked
  std::string HashOf(size_t lead) const;  // as HashOf of its features
  Features FeaturesOf(size_t lead) const;
  size_t bytes() const;  // of the codes

 private:
  LeadDictionary& dictionary_;
  size_t size_ = 0;
  std::vector<std::vector<Code>> columns_;
  std::vector<size_t> first_event_ = {0};
  std::vector<Event> events_;
  std::vector<Open> open_;
  std::vector<uint32_t> team_;
};

}  // namespace steward::scoring
