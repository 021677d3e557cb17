#pragma once
// Every RPC of the service and the function behind it.

#include "libs/rpc/server.h"
#include "services/sla/api/clocks_api.h"
#include "services/sla/api/rules_api.h"

namespace steward::sla {

void AddMethods(rpc::Server& server, RulesApi& rules, ClocksApi& clocks);

}  // namespace steward::sla
