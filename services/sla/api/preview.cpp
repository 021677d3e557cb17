#include <map>

#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "services/sla/api/rules_api.h"

namespace steward::sla {
namespace {

constexpr int kMaxQueries = 1000;

// Calendars given inline are compiled once a request, however many queries repeat them.
class Calendars {
 public:
  Calendars(const RuleSet& rules, const v1::PreviewDeadlineRequest& request) : rules_(rules) {
    for (const v1::DeadlineQuery& query : request.queries()) {
      for (const auto* t : {&query.start_time(), &query.until_time()}) {
        const int year = YearOf(Date{static_cast<int32_t>(t->seconds() / 86'400)});
        if (t->seconds() != 0) {
          first_ = std::min(first_, year - 5);
          last_ = std::max(last_, year + 15);
        }
      }
    }
    first_ = std::max(first_, 1960);
    last_ = std::min(last_, 2120);
  }

  absl::StatusOr<const CompiledCalendar*> Of(const v1::DeadlineQuery& query) {
    switch (query.calendar_case()) {
      case v1::DeadlineQuery::kCalendarName: {
        const CompiledCalendar* calendar = rules_.Active(query.calendar_name());
        if (calendar == nullptr) {
          return FieldInvalid("calendar_name",
                              "no calendar " + query.calendar_name() + " is stored");
        }
        return calendar;
      }
      case v1::DeadlineQuery::kInlineCalendar: {
        auto& slot = compiled_[rpc::DeterministicBytes(query.inline_calendar())];
        if (!slot) {
          ASSIGN_OR_RETURN(const CalendarSpec spec,
                           CalendarFromProto(query.inline_calendar(), "inline_calendar"));
          ASSIGN_OR_RETURN(slot, CompiledCalendar::Compile(spec, first_, last_));
        }
        return slot.get();
      }
      case v1::DeadlineQuery::CALENDAR_NOT_SET:
        break;
    }
    return nullptr;
  }

 private:
  const RuleSet& rules_;
  int first_ = 2020, last_ = 2035;
  std::map<std::string, std::shared_ptr<const CompiledCalendar>> compiled_;
};

absl::StatusOr<std::vector<Span>> Pauses(const v1::DeadlineQuery& query) {
  std::vector<Span> pauses;
  for (int i = 0; i < query.pauses_size(); ++i) {
    const Span span{rpc::FromProto(query.pauses(i).from_time()),
                    rpc::FromProto(query.pauses(i).to_time())};
    if (span.to < span.from) {
      return FieldInvalid("pauses[" + std::to_string(i) + "].to_time",
                          "must not lie before from_time");
    }
    pauses.push_back(span);
  }
  return pauses;
}

// A count of days from an event may be 0 or negative here: previews ask what policies may not.
absl::Status Answer(const v1::DeadlineQuery& query, const RuleSet& rules, Calendars& calendars,
                    v1::DeadlineAnswer* answer) {
  ASSIGN_OR_RETURN(const CompiledCalendar* const calendar, calendars.Of(query));
  ASSIGN_OR_RETURN(const std::vector<Span> pauses, Pauses(query));
  const Time start = rpc::FromProto(query.start_time());
  if (query.question_case() == v1::DeadlineQuery::kUntilTime) {
    Target target;
    target.kind = calendar == nullptr ? Target::Kind::kWallClock : Target::Kind::kWorkingTime;
    *answer->mutable_between() =
        rpc::ToProto(Charged(target, calendar, start, rpc::FromProto(query.until_time()), pauses));
    return absl::OkStatus();
  }
  if (query.question_case() != v1::DeadlineQuery::kTarget) {
    return FieldInvalid("question", "one of target, until_time is needed");
  }
  ASSIGN_OR_RETURN(const Target target, TargetFromProto(query.target(), "target"));
  if (NeedsCalendar(target) && calendar == nullptr) {
    return FieldInvalid("calendar",
                        "is needed for this target: give calendar_name or inline_calendar");
  }
  const Reached due = Due(target, calendar, start, pauses);
  answer->set_never(!due.at);
  answer->set_provisional(due.provisional);
  if (due.at) {
    *answer->mutable_due_time() = rpc::ToProto(*due.at);
  }
  for (int i = 0; i < query.thresholds_size(); ++i) {
    ASSIGN_OR_RETURN(
        const ThresholdSpec spec,
        ThresholdFromProto(query.thresholds(i), "thresholds[" + std::to_string(i) + "]"));
    const Reached at =
        ThresholdAt(spec.moment, target, calendar, rules.Active(spec.calendar), start, pauses);
    *answer->add_threshold_times() = at.at ? rpc::ToProto(*at.at) : google::protobuf::Timestamp();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RulesApi::PreviewDeadline(rpc::Call& call, const v1::PreviewDeadlineRequest& request,
                                       v1::PreviewDeadlineResponse* response) {
  if (request.queries_size() > kMaxQueries) {
    return FieldInvalid("queries", "at most 1000 a call");
  }
  ASSIGN_OR_RETURN(pg::Connection* const connection, service::ReadConnection(env_, call));
  std::shared_ptr<const RuleSet> rules;
  RETURN_IF_ERROR(pg::RunInTx(*connection, {.budget = call.TimeLeft(), .name = "sla_preview"},
                              [&](pg::Tx& tx) -> absl::Status {
                                ASSIGN_OR_RETURN(rules, rules_.Current(tx));
                                return absl::OkStatus();
                              }));
  Calendars calendars(*rules, request);
  for (const v1::DeadlineQuery& query : request.queries()) {
    v1::DeadlineAnswer* answer = response->add_answers();
    const absl::Status status = Answer(query, *rules, calendars, answer);
    if (!status.ok()) {
      answer->set_error(std::string(FromAbsl(status.message())));
    }
    if (call.TimeLeft() <= Duration{0}) {
      return absl::DeadlineExceededError("the deadline passed after " +
                                         std::to_string(response->answers_size()) + " queries");
    }
  }
  return absl::OkStatus();
}

}  // namespace steward::sla
