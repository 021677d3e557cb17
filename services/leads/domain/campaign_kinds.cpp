#include "services/leads/domain/campaign_kinds.h"

#include <algorithm>

namespace steward::leads {
namespace {

std::map<std::string, std::string> Names(const char* zh, const char* en) {
  return {{"zh-Hans", zh}, {"en", en}};
}

}  // namespace

std::vector<CampaignKind> DefaultCampaignKinds() {
  return {
      {"offline_event", "", Names("线下活动", "Offline event"), "seed 002"},
      {"livestream", "", Names("线上直播", "Livestream"), "seed 002"},
      {"pr_event", "", Names("公关事件", "PR event"), "seed 004"},
      {"product_launch", "offline_event", Names("新品发布会", "Product launch"), "seed 000"},
      {"experience_day", "offline_event", Names("消费者体验日", "Experience day"), "seed 000"},
      {"trade_fair", "offline_event", Names("行业展会", "Trade fair"), "seed 002"},
      {"salon", "offline_event", Names("客户沙龙", "Customer salon"), "seed 002"},
      {"display_contest", "", Names("终端陈列竞赛", "Display contest"), "seed 000"},
      {"promotion", "", Names("促销", "Promotion"), "seed 001"},
      {"holiday", "", Names("节日营销", "Holiday marketing"), "seed 002"},
      {"crossover", "", Names("跨界合作", "Crossover"), "seed 002"},
      {"loyalty", "", Names("老客户专属活动", "Loyalty campaign"), "seed 002"},
      {"ip_collaboration", "", Names("IP联名", "IP collaboration"), "seed 004"},
      {"forum_naming", "", Names("论坛冠名", "Forum naming"), "seed 004"},
      {"summit_sponsorship", "", Names("行业峰会赞助", "Summit sponsorship"), "seed 004"},
      {"csr", "", Names("企业社会责任", "Social responsibility"), "seed 004"},
  };
}

std::vector<FieldViolation> FaultsOf(const std::vector<CampaignKind>& kinds) {
  std::vector<FieldViolation> faults;
  if (kinds.empty()) {
    faults.push_back({"kinds", "needs at least one"});
  }
  for (size_t i = 0; i < kinds.size(); ++i) {
    const CampaignKind& kind = kinds[i];
    const std::string field = "kinds[" + std::to_string(i) + "]";
    const auto before = kinds.begin() + static_cast<long>(i);
    const auto listed = [&](const std::string& id) {
      return std::any_of(kinds.begin(), before,
                         [&](const CampaignKind& each) { return each.id == id; });
    };
    if (kind.id.empty()) {
      faults.push_back({field + ".id", "is required"});
    } else if (listed(kind.id)) {
      faults.push_back({field + ".id", "`" + kind.id + "` is listed twice"});
    }
    if (!kind.parent.empty() && !listed(kind.parent)) {
      faults.push_back({field + ".parent", "`" + kind.parent + "` is not listed before it"});
    }
    for (const char* language : {"zh-Hans", "en"}) {
      if (kind.display_names.count(language) == 0) {
        faults.push_back(
            {field + ".display_names", std::string("has no name in `") + language + "`"});
      }
    }
  }
  return faults;
}

std::vector<std::string> PathOf(const std::vector<CampaignKind>& kinds, std::string_view id) {
  std::vector<std::string> path;
  // A parent is listed before its child, so one way back finds them all.
  std::string wanted(id);
  for (auto kind = kinds.rbegin(); kind != kinds.rend() && !wanted.empty(); ++kind) {
    if (kind->id == wanted) {
      path.push_back(kind->id);
      wanted = kind->parent;
    }
  }
  return path;
}

}  // namespace steward::leads
