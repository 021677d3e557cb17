#include "services/orders/api/flow_mapping.h"

#include "google/protobuf/util/json_util.h"
#include "libs/base/status.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"

namespace steward::orders {
namespace {

namespace pb = steward::orders::v1;

constexpr std::string_view kCollection = "approvalFlows/";
constexpr size_t kNameLength = 200;

std::string Field(int node, std::string_view part) {
  return "nodes[" + std::to_string(node) + "]" + std::string(part);
}

Approver ApproverFrom(const pb::ApprovalFlow::Approver& from, const std::string& path,
                      rpc::Faults& faults) {
  const auto named = [&](const char* field, std::string_view collection, const std::string& name) {
    if (name.empty()) {
      faults.Add(path + "." + field, "is required");
    }
    return faults.Name(path + "." + field, collection, name);
  };
  switch (from.kind_case()) {
    case pb::ApprovalFlow::Approver::kMember:
      return {ApproverKind::kMember, named("member", "members", from.member())};
    case pb::ApprovalFlow::Approver::kRoleAbove:
      return {ApproverKind::kRoleAbove, named("role_above", "roles", from.role_above())};
    case pb::ApprovalFlow::Approver::kDepartmentHead:
      return {ApproverKind::kDepartmentHead,
              faults.Name(path + ".department_head.team", "teams", from.department_head().team())};
    default:
      faults.Add(path, "is a `member`, a `role_above` or a `department_head`");
      return {};
  }
}

void CheckNames(const google::protobuf::Map<std::string, std::string>& names,
                const std::string& field, rpc::Faults& faults) {
  for (const auto& [language, name] : names) {
    faults.Line(field + "[" + language + "]", name, kNameLength);
    if (language != "en" && language != "zh-Hans") {
      faults.Add(field, "`" + language + "` is not `en` or `zh-Hans`");
    }
  }
}

template <class Rule, class ProtoRule>
Rule RuleOr(ProtoRule given, Rule otherwise) {
  return given == 0 ? otherwise : static_cast<Rule>(given);
}

}  // namespace

absl::StatusOr<std::string> ParseFlowName(std::string_view field, std::string_view name) {
  if (name.empty()) {
    return std::string(kDefaultFlow);
  }
  RETURN_IF_ERROR(CheckName(field, "approvalFlows", name));
  return std::string(name.substr(kCollection.size()));
}

absl::StatusOr<ApprovalFlow> FlowFrom(const pb::ApprovalFlow& from) {
  rpc::Faults faults("flow");
  ApprovalFlow to;
  CheckNames(from.display_names(), "display_names", faults);
  faults.Line("source", from.source(), kNameLength);
  for (int i = 0; i < from.nodes_size(); ++i) {
    const pb::ApprovalFlow::Node& node = from.nodes(i);
    FlowNode added;
    added.id = faults.Line(Field(i, ".id"), node.id());
    CheckNames(node.display_names(), Field(i, ".display_names"), faults);
    added.mode = RuleOr(node.mode(), NodeMode::kAllOf);
    for (int j = 0; j < node.approvers_size(); ++j) {
      added.approvers.push_back(ApproverFrom(
          node.approvers(j), Field(i, ".approvers[" + std::to_string(j) + "]"), faults));
    }
    if (node.has_from_amount()) {
      ASSIGN_OR_RETURN(added.from_amount,
                       rpc::FromProto("flow." + Field(i, ".from_amount"), node.from_amount()));
    }
    to.nodes.push_back(std::move(added));
  }
  RETURN_IF_ERROR(faults.status());
  to.submitter = RuleOr(from.submitter(), SubmitterRule::kSuperior);
  to.repeat = RuleOr(from.repeat(), RepeatRule::kFirstOnly);
  to.missing = RuleOr(from.missing(), MissingRule::kRefuse);
  return to;
}

absl::StatusOr<std::string> SpecOf(const pb::ApprovalFlow& from) {
  pb::ApprovalFlow spec = from;
  spec.clear_name();
  spec.clear_version();
  spec.clear_active();
  spec.clear_create_time();
  spec.clear_creator();
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(spec, &json, options).ok()) {
    return absl::InternalError("an approval flow has no JSON form");
  }
  return json;
}

absl::Status ToProto(const StoredFlow& stored, pb::ApprovalFlow* to) {
  to->Clear();
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // a later release wrote it
  if (!google::protobuf::util::JsonStringToMessage(stored.spec, to, options).ok()) {
    return absl::InternalError("approval flow " + stored.id + "@" + std::to_string(stored.version) +
                               " does not parse");
  }
  to->set_name(std::string(kCollection) + stored.id);
  to->set_version(stored.version);
  to->set_active(stored.active);
  to->set_creator(stored.created_by);
  *to->mutable_create_time() = rpc::ToProto(stored.create_time);
  return absl::OkStatus();
}

absl::StatusOr<ApprovalFlow> FlowOf(const StoredFlow& stored) {
  pb::ApprovalFlow message;
  RETURN_IF_ERROR(ToProto(stored, &message));
  ASSIGN_OR_RETURN(ApprovalFlow flow, FlowFrom(message));
  flow.id = stored.id;
  flow.version = stored.version;
  return flow;
}

}  // namespace steward::orders
