#pragma once
// Events become facts: one function a topic says which measures an event adds to, and which of its aggregate it takes back. Pure; what
// an aggregate's later events leave out (owner, policy, kind) is carried along in its `Source`.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/money.h"
#include "libs/eventing/consumer.h"
#include "services/scoring/domain/fact.h"

namespace steward::scoring {

inline constexpr char kLeadsTopic[] = "steward.leads.v1";
inline constexpr char kOrdersTopic[] = "steward.orders.v1";
inline constexpr char kComplaintsTopic[] = "steward.complaints.v1";
inline constexpr char kSlaTopic[] = "steward.sla.v1";

class Mapper {
 public:
  explicit Mapper(absl::TimeZone zone) : zone_(zone) {}
  // In order. An event that nothing is counted of gives none. INVALID_ARGUMENT for an amount or a day that is none.
  absl::StatusOr<std::vector<Step>> Map(const eventing::Event& event, Source& source) const;
  // Its events need `Source`; the others are whole in themselves.
  static bool HasSource(const eventing::Event& event);
  absl::CivilDay DayOf(Time time) const;

 private:
  absl::StatusOr<std::vector<Step>> Leads(const eventing::Event& event, Source& source) const;
  absl::StatusOr<std::vector<Step>> Orders(const eventing::Event& event, Source& source) const;
  absl::StatusOr<std::vector<Step>> Complaints(const eventing::Event& event, Source& source) const;
  absl::StatusOr<std::vector<Step>> Sla(const eventing::Event& event, Source& source) const;

  absl::TimeZone zone_;
};

std::string RegionName(const std::string& code);  // "" stays ""

// What the four functions are made of.
template <class Message>
Dimensions DimensionsOf(const Message& m) {
  Dimensions of;
  if constexpr (requires { m.owner(); }) {
    of.member = m.owner();
  }
  if constexpr (requires { m.member(); }) {
    of.member = of.member.empty() ? m.member() : of.member;
  }
  if constexpr (requires { m.team(); }) {
    of.team = m.team();
  }
  if constexpr (requires { m.region(); }) {
    of.region = RegionName(m.region());
  }
  if constexpr (requires { m.customer(); }) {
    of.customer = m.customer();
  }
  return of;
}
Fact Count(std::string measure, absl::CivilDay day, const Dimensions& of,
           std::string qualifier = "");
Fact Amount(std::string measure, absl::CivilDay day, const Dimensions& of, const Money& money,
            std::string qualifier = "");

}  // namespace steward::scoring
