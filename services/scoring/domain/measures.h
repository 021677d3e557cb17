#pragma once
// What is counted: a closed list of measures, each with names, unit and whom its events name. Facts are amounts of a
// measure; the list is what a formula may name.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace steward::scoring {

enum class Unit { kCount, kMoney, kDuration };
std::string_view NameOf(Unit unit);  // `count`, `money`, `duration`

struct Measure {
  std::string_view id;  // `sales_amount`
  std::string_view name, name_zh;
  Unit unit = Unit::kCount;
  std::string_view topic;  // where its facts come from
  std::string_view
      qualifier;  // what tells its facts apart: `policy`, `kind`, `channel`; "" = nothing
  std::string_view subjects;  // whom its events name: m(ember), t(eam), r(egion), c(ustomer)
  std::string_view note = "";
};

// In the order of the topics.
const std::vector<Measure>& Measures();
// nullptr when there is none.
const Measure* FindMeasure(std::string_view id);
// INVALID_ARGUMENT naming `field`; the refusal lists the known ones.
absl::StatusOr<const Measure*> ParseMeasure(std::string_view field, std::string_view id);

// Who a figure is about.
enum class SubjectKind { kMember, kTeam, kRegion, kCustomer, kPartner, kCompany };
std::string_view NameOf(SubjectKind kind);  // `member`
absl::StatusOr<SubjectKind> ParseSubjectKind(std::string_view field, std::string_view name);
// The kind of `members/li`, `teams/east`, `regions/east`, `customers/acme`, `partners/p1` or `company`. INVALID_ARGUMENT naming
// `field`.
absl::StatusOr<SubjectKind> ParseSubject(std::string_view field, std::string_view subject);
// Facts can speak of this subject. Partners are named by no event.
bool Covers(const Measure& measure, SubjectKind subject);

}  // namespace steward::scoring
