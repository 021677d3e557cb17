#pragma once
// Calendars, policies and the deadline arithmetic: one method an RPC.

#include "libs/rpc/call.h"
#include "libs/rpc/paging.h"
#include "libs/service/command.h"
#include "services/sla/storage/rules.h"
#include "steward/sla/v1/sla_service.pb.h"

namespace steward::sla {

class RulesApi {
 public:
  RulesApi(service::Env env, RuleCache& rules, const rpc::PageTokens& tokens)
      : env_(env), rules_(rules), tokens_(tokens) {}

  absl::Status CreateCalendar(rpc::Call&, const v1::CreateCalendarRequest&, v1::Calendar*);
  absl::Status CreateCalendarVersion(rpc::Call&, const v1::CreateCalendarVersionRequest&,
                                     v1::Calendar*);
  absl::Status ActivateCalendar(rpc::Call&, const v1::ActivateCalendarRequest&, v1::Calendar*);
  absl::Status GetCalendar(rpc::Call&, const v1::GetCalendarRequest&, v1::Calendar*);
  absl::Status ListCalendars(rpc::Call&, const v1::ListCalendarsRequest&,
                             v1::ListCalendarsResponse*);
  absl::Status CreatePolicy(rpc::Call&, const v1::CreatePolicyRequest&, v1::Policy*);
  absl::Status CreatePolicyVersion(rpc::Call&, const v1::CreatePolicyVersionRequest&, v1::Policy*);
  absl::Status ActivatePolicy(rpc::Call&, const v1::ActivatePolicyRequest&, v1::Policy*);
  absl::Status DeactivatePolicy(rpc::Call&, const v1::DeactivatePolicyRequest&, v1::Policy*);
  absl::Status GetPolicy(rpc::Call&, const v1::GetPolicyRequest&, v1::Policy*);
  absl::Status ListPolicies(rpc::Call&, const v1::ListPoliciesRequest&, v1::ListPoliciesResponse*);
  absl::Status PreviewDeadline(rpc::Call&, const v1::PreviewDeadlineRequest&,
                               v1::PreviewDeadlineResponse*);

 private:
  // A first version, or the next one.
  absl::Status AddCalendar(rpc::Call&, const v1::Calendar&, bool first, bool validate_only,
                           v1::Calendar*);
  absl::Status AddPolicy(rpc::Call&, const v1::Policy&, bool first, bool activate,
                         bool validate_only, v1::Policy*);
  service::Env env_;
  RuleCache& rules_;
  const rpc::PageTokens& tokens_;
};

}  // namespace steward::sla
