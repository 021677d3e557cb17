#include "services/leads/domain/touch.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "libs/base/refusals.h"

namespace steward::leads {
namespace {

std::map<std::string, std::string> Names(const char* zh, const char* en) {
  return {{"zh-Hans", zh}, {"en", en}};
}

template <class Entry>
const Entry* FindEntry(const std::vector<Entry>& entries, std::string_view id) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& each) { return each.id == id; });
  return found == entries.end() ? nullptr : &*found;
}

template <class Entry>
std::string IdsOf(const std::vector<Entry>& entries) {
  std::vector<std::string_view> ids;
  for (const Entry& entry : entries) {
    ids.push_back(entry.id);
  }
  return Join(ids);
}

template <class Entry>
void AddFaults(const std::string& list, const std::vector<Entry>& entries,
               std::vector<FieldViolation>& faults) {
  if (entries.empty()) {
    faults.push_back({list, "needs at least one"});
  }
  std::set<std::string_view> seen;
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string field = list + "[" + std::to_string(i) + "]";
    if (entries[i].id.empty()) {
      faults.push_back({field + ".id", "is required"});
    } else if (!seen.insert(entries[i].id).second) {
      faults.push_back({field + ".id", "`" + entries[i].id + "` is listed twice"});
    }
    for (const char* language : {"zh-Hans", "en"}) {
      if (entries[i].display_names.count(language) == 0) {
        faults.push_back(
            {field + ".display_names", std::string("has no name in `") + language + "`"});
      }
    }
  }
}

Time FromAbslTime(absl::Time at) { return Time{absl::ToUnixMicros(at)}; }

}  // namespace

TouchCatalogue DefaultTouchCatalogue() {
  return {{
              {"phone", Names("电话", "Phone"), false, "seed 002"},
              {"wechat", Names("微信", "WeChat"), false, "seed 002"},
              {"visit", Names("拜访", "Visit"), true, "seed 002"},
              {"greeting", Names("节日问候", "Greeting"), false, "seed 000"},
              {"online", Names("线上渠道", "Online"), false, "seed 001"},
              {"executive_visit", Names("高层互访", "Executive visit"), true, "seed 004"},
              {"quarterly_review", Names("季度业务回顾会", "Quarterly business review"), true,
               "seed 004"},
          },
          {
              {"reached", Names("已联系上", "Reached"), true},
              {"follow_up_agreed", Names("约定跟进", "Follow-up agreed"), true},
              {"declined", Names("谢绝", "Declined"), true},
              {"no_answer", Names("未联系上", "No answer"), false},
              {"wrong_contact", Names("联系方式有误", "Wrong contact"), false},
          }};
}

std::vector<FieldViolation> FaultsOf(const TouchCatalogue& catalogue) {
  std::vector<FieldViolation> faults;
  AddFaults("catalogue.kinds", catalogue.kinds, faults);
  AddFaults("catalogue.outcomes", catalogue.outcomes, faults);
  return faults;
}

absl::Status CheckTouch(const TouchCatalogue& catalogue, const Touch& touch) {
  if (FindEntry(catalogue.kinds, touch.kind) == nullptr) {
    return FieldInvalid("touch.kind", "is not one of " + IdsOf(catalogue.kinds));
  }
  const TouchOutcome* outcome = FindEntry(catalogue.outcomes, touch.outcome);
  if (outcome == nullptr) {
    return FieldInvalid("touch.outcome", "is not one of " + IdsOf(catalogue.outcomes));
  }
  if (touch.effective && !outcome->reached) {
    return FieldInvalid(
        "touch.effective",
        "goes with an outcome in which somebody was reached, not `" + outcome->id + "`");
  }
  if (touch.member.empty()) {
    return FieldInvalid("touch.member", "is required");
  }
  if (touch.customer.empty() && touch.lead.empty() && touch.opportunity.empty()) {
    return FieldInvalid("touch.customer", "is required where no lead and no opportunity is named");
  }
  return absl::OkStatus();
}

DaySpan SpanOf(absl::CivilDay day, const absl::TimeZone& company_zone) {
  // The first midnight where there are two, the change of clocks where there is none.
  return {FromAbslTime(absl::FromCivil(day, company_zone)),
          FromAbslTime(absl::FromCivil(day + 1, company_zone))};
}

VisitSheet VisitSheetOf(const TouchCatalogue& catalogue, const std::vector<Touch>& touches,
                        std::string_view member, const DaySpan& day) {
  VisitSheet sheet;
  for (const Touch& touch : touches) {
    if (touch.member == member && day.begin <= touch.occurred_at && touch.occurred_at < day.end) {
      sheet.touches.push_back(touch);
    }
  }
  std::sort(sheet.touches.begin(), sheet.touches.end(), [](const Touch& a, const Touch& b) {
    return std::tie(a.occurred_at, a.id) < std::tie(b.occurred_at, b.id);
  });
  for (const Touch& touch : sheet.touches) {
    const TouchKind* kind = FindEntry(catalogue.kinds, touch.kind);
    sheet.visits += kind != nullptr && kind->in_person ? 1 : 0;
    sheet.effective += touch.effective ? 1 : 0;
  }
  return sheet;
}

}  // namespace steward::leads
