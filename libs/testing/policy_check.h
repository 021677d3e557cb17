#pragma once
// What every service's policy.yaml keeps to, beside covering its methods.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "libs/rpc/identity.h"

namespace steward::testing {

// Reads the file; fails the test when it does not parse, or does not cover exactly these services and OperationsService.
std::map<std::string, rpc::MethodPolicy> ReadPolicy(
    const std::string& file, std::vector<const google::protobuf::ServiceDescriptor*> services);
// `/Get`, `/List`, `/BatchGet` and so on.
bool Reads(const std::string& method);
// Of a method on objects that people reach differently: every grant is named with its reach and no other, agents reach their teams,
// supervisors their line, and the auditor reads.
void ExpectReachByGrant(const std::string& method, const rpc::MethodPolicy& line);

}  // namespace steward::testing
