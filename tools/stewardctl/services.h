#pragma once
// The services that stewardctl speaks to, found by descriptor: `complaints.AssignTicket` names a
// method everywhere here.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace stewardctl {

struct ServiceInfo {
  std::string name;  // complaints
  // steward.complaints.v1.ComplaintsService, and one for each further family of resources. A method's
  // name is of one of them alone.
  std::vector<const google::protobuf::ServiceDescriptor*> apis;
  const google::protobuf::Message* topic_message;  // default instance of the topic's message
};
const std::vector<ServiceInfo>& Services();
std::vector<std::string> ServiceNames();
// INVALID_ARGUMENT naming `--service` and what there is.
absl::Status NoSuchService();
// Null when there is none of that name.
const ServiceInfo* FindService(std::string_view name);
const google::protobuf::ServiceDescriptor* OperationsApi();

// `complaints.AssignTicket`, or `complaints.operations.GetStatus` for what every service serves.
// Crashes on a name that does not exist: names are written in this program.
struct Method {
  std::string service;
  const google::protobuf::MethodDescriptor* descriptor;
  std::string path() const;  // /steward.complaints.v1.ComplaintsService/AssignTicket
  std::unique_ptr<google::protobuf::Message> NewRequest() const;
  std::unique_ptr<google::protobuf::Message> NewResponse() const;
};
Method FindMethod(std::string_view name);

}  // namespace stewardctl
