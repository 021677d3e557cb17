#pragma once
// Internal: CheckOutbox and ReconcileOutbox of OperationsService.

#include "libs/eventing/operations.h"

namespace steward::eventing {

// `deps` must outlive the server.
void AddOutbox(const OperationsDeps& deps, rpc::Server& server);

}  // namespace steward::eventing
