#pragma once
// Whom an approval flow asks, found in the directory as this service knows it. Pure.

#include <string>

#include "libs/identity/org.h"
#include "services/orders/domain/approval.h"

namespace steward::orders {

// By node and approver of the flow; "" = nobody. A member, a head or a holder counts who works here, is a person and is not on
// leave. The head of a team without one is that of the nearest team above it. A role is looked for along the submitter's line,
// nowhere else. The superior is the nearest in that line who is present.
FoundApprovers FindApprovers(const identity::Org& org, const ApprovalFlow& flow,
                             const std::string& submitter, Time at);

}  // namespace steward::orders
