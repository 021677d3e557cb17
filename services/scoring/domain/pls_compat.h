#pragma once
// A naive-Bayes win probability as another CRM reckons it, for comparison and for its test vectors (tests/vectors/README.md); a scoring
// model may choose it (pls_win.h), Steward's own is win_model.h. Counts are kept in tenths: a row starts at its count + 0.1, and one that would fall to 0 or below
// stays at 0.1.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <cstdint>

namespace steward::scoring {

struct PlsStage {
  std::string id;
  int64_t sequence = 0;
  bool won = false;
};

// Variables are `stage_id`, the configured fields, and `tag_id` with one row for each tag.
struct PlsLead {
  std::optional<std::string> team, stage;
  std::map<std::string, std::optional<std::string>> fields;
  std::set<std::string> tags;
};
enum class PlsStatus { kOpen, kWon, kLost };

struct PlsRow {
  int64_t won = 0;  // in tenths
  int64_t lost = 0;
  friend bool operator==(const PlsRow&, const PlsRow&) = default;
};

// One factor of both products: row / total.
struct PlsFactor {
  std::string variable, value;
  PlsRow row, total;
  int64_t teams = 1;  // rows that were summed, each with a tenth of its own
};
struct PlsTrace {
  bool of_team = false;  // else of all rows together
  PlsFactor prior;       // of the first stage; `total` is the same
  std::vector<PlsFactor> factors;
  double percent = 0;  // two places, 0.01 to 99.99
};

class PlsModel {
 public:
  struct Config {
    std::vector<PlsStage> stages;
    std::vector<std::string> fields;    // configured, in any order
    std::set<std::string> null_counts;  // fields whose null counts as the value `False`
    int64_t least_tag_support = 500;    // tenths; rows of tags below are ignored
  };
  explicit PlsModel(Config config) : config_(std::move(config)) {}

  // Forgets all rows and counts the closed leads anew.
  void Rebuild(const std::vector<std::pair<PlsLead, PlsStatus>>& leads);
  // One more (step 1) or one less (step -1) of a closed lead; an open one changes nothing.
  void Change(const PlsLead& lead, PlsStatus status, int step);
  // Sets a row, as vectors do; the team may be none.
  void Overwrite(const std::optional<std::string>& team, const std::string& variable,
                 const std::string& value, PlsRow row);
  std::optional<PlsRow> Find(const std::optional<std::string>& team, const std::string& variable,
                             const std::string& value) const;

  // Per cent with two places: 100 for won or in a won stage, 0 for lost or without stage, else within 0.01..99.99. None when no
  // closed lead has been counted in the scope: the answer never depends on which lead was scored before.
  std::optional<double> Score(const PlsLead& lead, PlsStatus status) const;
  // How an open lead comes to its score; none without stage, or where Score gives none.
  std::optional<PlsTrace> Trace(const PlsLead& lead) const;
  // Keeps the sums that leads are scored by, so that many are scored fast; the next change forgets them.
  void Settle();

 private:
  using Value = std::pair<std::string, std::string>;  // variable, value
  using Rows = std::map<Value, PlsRow>;
  // What a lead is scored by.
  struct Sums {
    std::map<Value, PlsFactor> factors;
    bool of_team = false;
  };

  std::vector<Value> ValuesOf(const PlsLead& lead) const;
  std::set<Value> Counted(const PlsLead& lead, PlsStatus status) const;
  bool HasRows(const std::optional<std::string>& team) const;
  Sums SumsFor(const std::optional<std::string>& team) const;
  const PlsStage* StageOf(const PlsLead& lead) const;
  const PlsStage* FirstStage() const;

  Config config_;
  std::map<std::optional<std::string>, Rows> teams_;
  std::map<std::optional<std::string>, Sums> sums_;  // by Settle
};

// A probability that a person may overwrite: from then on only the reckoned one moves.
class PlsProbability {
 public:
  explicit PlsProbability(double percent) : reckoned_(percent), shown_(percent) {}
  void Rescore(double percent);
  void SetByHand(double percent) { shown_ = percent; }
  double reckoned() const { return reckoned_; }
  double shown() const { return shown_; }
  bool automatic() const { return reckoned_ == shown_; }

 private:
  double reckoned_;
  double shown_;
};

}  // namespace steward::scoring
