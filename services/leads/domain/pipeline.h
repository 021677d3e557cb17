#pragma once
// A pipeline as versioned data: its stages, the moves between them, what must be shown to enter a
// stage, how a closed opportunity opens again and the reasons for losing one. A version never
// changes; an opportunity keeps the version it was opened in.

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/status.h"

namespace steward::leads {

inline constexpr int kFullBasisPoints = 10'000;

enum class StageKind : int {
  kOpen = 1,
  kWon = 2,
  kLost = 3,
  kDormant = 4,  // neither won nor lost
};
inline constexpr std::array kStageKinds = {StageKind::kOpen, StageKind::kWon, StageKind::kLost,
                                           StageKind::kDormant};
// `OPEN`.
std::string_view NameOf(StageKind kind);

// Met by any one of its codes.
struct Evidence {
  std::vector<std::string> any_of;
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

struct Stage {
  std::string id;
  std::map<std::string, std::string> display_names;  // `zh-Hans` and `en`
  StageKind kind = StageKind::kOpen;
  int win_basis_points = 0;        // 0 to 10,000
  std::vector<Evidence> evidence;  // all of them, to enter
  friend bool operator==(const Stage&, const Stage&) = default;
};

struct Move {
  std::string from, to;
  friend auto operator<=>(const Move&, const Move&) = default;
};

// Leaving a closed stage. Empty stage = back to where it was closed from.
struct ReopenRule {
  bool allowed = false;
  std::string stage;
  friend bool operator==(const ReopenRule&, const ReopenRule&) = default;
};

struct LostReason {
  std::string id;
  std::map<std::string, std::string> display_names;
  bool needs_note = false;  // the words are in a note, never in an event
  friend bool operator==(const LostReason&, const LostReason&) = default;
};

struct PipelineSpec {
  std::string id;
  int version = 0;            // from 1 on
  std::vector<Stage> stages;  // open ones in the order of the funnel; the first is where one opens
  std::vector<Move> moves;    // a dormant one may be lost; where it wakes is where it fell asleep
  ReopenRule reopen_won, reopen_lost;
  std::vector<LostReason> lost_reasons;
  friend bool operator==(const PipelineSpec&, const PipelineSpec&) = default;
};

// Immutable.
class Pipeline {
 public:
  // INVALID_ARGUMENT with every fault that FaultsOf finds.
  static absl::StatusOr<Pipeline> Create(PipelineSpec spec);

  const PipelineSpec& spec() const { return spec_; }
  const Stage* Find(std::string_view stage) const;
  const LostReason* FindLostReason(std::string_view reason) const;
  // The first open stage.
  const Stage& entry() const;
  const Stage& won() const;
  const Stage& lost() const;
  // nullptr = this pipeline knows no sleep.
  const Stage* dormant() const;
  bool MayMove(std::string_view from, std::string_view to) const;
  // Place in the funnel: open stages as listed, then won; -1 = lost, dormant or unknown.
  int Rank(std::string_view stage) const;

 private:
  explicit Pipeline(PipelineSpec spec) : spec_(std::move(spec)) {}
  const Stage* FirstOf(StageKind kind) const;

  PipelineSpec spec_;
};

// Each fault with its path: no id or version; no open stage, not exactly one won and one lost
// stage, more than one dormant; a stage or reason without id, listed twice or without names; a
// probability out of range, or a won stage below 100 %, a lost or dormant one above 0; an unknown
// stage in a move or rule; a move listed twice, to itself, out of a closed stage, or from a
// dormant one to any but lost; a stage that cannot be reached; an evidence without codes; no lost
// reason; reopening into a stage that is not open.
std::vector<FieldViolation> FaultsOf(const PipelineSpec& spec);

// What is shipped: the five stages of seed 000 (线索获取, 需求分析, 方案呈现, 商务谈判, 合同签订 = won),
// lost and dormant. One step forward at a time, as the seed wants the whole way under control, and
// back to any earlier stage; won from negotiation; lost and dormant from any open stage. The seed
// gives no probability, evidence or reason: those are settings.
PipelineSpec DefaultPipeline();

}  // namespace steward::leads
