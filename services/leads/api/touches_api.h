#pragma once
// TouchesService: touches, and the visit sheet of a day.

#include "absl/time/time.h"
#include "libs/base/occasion.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/leads/domain/touch.h"
#include "services/leads/lead_metrics.h"
#include "services/leads/storage/touch_store.h"
#include "steward/leads/v1/touches_service.pb.h"

namespace steward::leads {

namespace pb = steward::leads::v1;

struct TouchesDeps {
  service::Env env;
  const rpc::PageTokens* tokens = nullptr;
  TimeRules time_rules;
  absl::TimeZone company_zone;
  TouchCatalogue catalogue = DefaultTouchCatalogue();
  const LeadMetrics* metrics = nullptr;
};

// Thread-safe: it keeps nothing between calls.
class TouchesApi {
 public:
  explicit TouchesApi(TouchesDeps deps) : deps_(std::move(deps)) {}
  void AddTo(rpc::Server& server);

  absl::Status RecordTouch(const rpc::Call&, const pb::RecordTouchRequest&, pb::Touch*);
  absl::Status ListTouches(const rpc::Call&, const pb::ListTouchesRequest&,
                           pb::ListTouchesResponse*);
  absl::Status GetVisitSheet(const rpc::Call&, const pb::GetVisitSheetRequest&, pb::VisitSheet*);
  absl::Status ListTouchCatalogue(const rpc::Call&, const pb::ListTouchCatalogueRequest&,
                                  pb::ListTouchCatalogueResponse*);

 private:
  // The touch that is asked for, without id and times.
  absl::StatusOr<StoredTouch> DraftOf(const rpc::Call& call, const pb::Touch& from) const;
  bool IsInPerson(const std::string& kind) const;

  TouchesDeps deps_;
};

}  // namespace steward::leads
