#pragma once
// Touches: one contact with a customer by a member. Kinds and outcomes are data; whether a touch
// was effective is said by who made it, since no seed defines 有效. What was said is a note
// elsewhere.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/time.h"

namespace steward::leads {

struct TouchKind {
  std::string id;
  std::map<std::string, std::string> display_names;  // `zh-Hans` and `en`
  bool in_person = false;                            // a visit
  std::string source;                                // the seed that names it
  friend bool operator==(const TouchKind&, const TouchKind&) = default;
};

struct TouchOutcome {
  std::string id;
  std::map<std::string, std::string> display_names;
  bool reached = false;  // somebody was reached; without, a touch cannot be effective
  friend bool operator==(const TouchOutcome&, const TouchOutcome&) = default;
};

struct TouchCatalogue {
  std::vector<TouchKind> kinds;
  std::vector<TouchOutcome> outcomes;
};

// Phone, WeChat and visit (seed 002), greeting (000), online (001), executive visit and quarterly
// business review (004). The outcomes are settings of ours.
TouchCatalogue DefaultTouchCatalogue();
// Each fault with its path: no kind or outcome, an id missing or listed twice, no name in a
// language.
std::vector<FieldViolation> FaultsOf(const TouchCatalogue& catalogue);

struct Touch {
  Uuid id;
  std::string kind, outcome;
  bool effective = false;
  std::string member;                       // members/{id}, who made it
  std::string customer, lead, opportunity;  // names; at least one
  Time occurred_at, recorded_at;
  friend bool operator==(const Touch&, const Touch&) = default;
};

// `touches/{uuid}`.
inline std::string TouchName(const Uuid& id) { return "touches/" + id.ToString(); }

// INVALID_ARGUMENT naming `touch.kind`, `touch.outcome` (and the known ones), `touch.effective`
// (with an outcome in which nobody was reached), `touch.member` or `touch.customer`.
absl::Status CheckTouch(const TouchCatalogue& catalogue, const Touch& touch);

// [begin, end) of a civil day; 23 or 25 hours where clocks change.
struct DaySpan {
  Time begin, end;
};
DaySpan SpanOf(absl::CivilDay day, const absl::TimeZone& company_zone);

// 客户拜访或跟踪状况表 (seed 003): a member's touches of a day by when they happened, in order of
// time, then id; late entries are on the sheet of the day that they belong to.
struct VisitSheet {
  std::vector<Touch> touches;
  int visits = 0;     // of kinds in person
  int effective = 0;  // of any kind
};
VisitSheet VisitSheetOf(const TouchCatalogue& catalogue, const std::vector<Touch>& touches,
                        std::string_view member, const DaySpan& day);

}  // namespace steward::leads
