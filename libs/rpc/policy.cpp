#include <yaml-cpp/yaml.h>

#include <cmath>
#include <cstdlib>
#include <set>

#include "libs/base/status.h"
#include "libs/rpc/identity.h"

namespace steward::rpc {
namespace {

constexpr int kBulkBytes = 4 << 20;
constexpr double kMaxRate = 1e6;

// Collects faults; each names its line.
class PolicyReader {
 public:
  std::map<std::string, MethodPolicy> Read(const YAML::Node& root) {
    std::map<std::string, MethodPolicy> policy;
    if (!root.IsMap()) {
      Fault(root, "the file must be a map from full method names to policies");
      return policy;
    }
    for (const auto& entry : root) {
      std::string method = entry.first.as<std::string>("");
      if (method.size() < 4 || method.front() != '/' || method.find('/', 1) == std::string::npos) {
        Fault(entry.first,
              "`" + method +
                  "` is not a full method name such as /steward.sla.v1.SlaService/GetClock");
      } else if (!policy.emplace(method, ReadMethod(method, entry.second)).second) {
        Fault(entry.first, method + ": listed twice");
      }
    }
    return policy;
  }

  absl::Status status() const {
    return faults_.empty() ? absl::OkStatus() : absl::InvalidArgumentError(ToAbsl(faults_));
  }

 private:
  void Fault(const YAML::Node& node, const std::string& text) {
    faults_ += (faults_.empty() ? "line " : "\nline ") + std::to_string(node.Mark().line + 1) +
               ": " + text;
  }

  MethodPolicy ReadMethod(const std::string& method, const YAML::Node& node) {
    MethodPolicy policy;
    if (!node.IsMap()) {
      Fault(node, method + ": must be a map");
      return policy;
    }
    std::set<std::string> seen;
    for (const auto& entry : node) {
      std::string key = entry.first.as<std::string>("");
      if (!seen.insert(key).second) {
        Fault(entry.first, method + ": `" + key + "` is given twice");
      }
      ReadKey(method, key, entry.first, entry.second, &policy);
    }
    for (const char* required : {"peers", "grants", "reach"}) {
      if (!seen.contains(required)) {
        Fault(node, method + ": `" + required + "` is missing");
      }
    }
    return policy;
  }

  void ReadKey(const std::string& method, const std::string& key, const YAML::Node& at,
               const YAML::Node& value, MethodPolicy* policy) {
    if (key == "peers") {
      policy->peers = ReadNames(method, key, value);
    } else if (key == "grants") {
      policy->grants = ReadNames(method, key, value);
    } else if (key == "reach") {
      ReadReach(method, value, policy);
    } else if (key == "request_id") {
      std::string text = value.as<std::string>("");
      if (text != "required" && text != "optional") {
        Fault(value, method + ": `request_id` must be `required` or `optional`");
      }
      policy->request_id_required = text == "required";
    } else if (key == "bulk") {
      std::string text = value.as<std::string>("");
      if (text != "true" && text != "false") {
        Fault(value, method + ": `bulk` must be `true` or `false`");
      }
      policy->max_request_bytes = text == "true" ? kBulkBytes : policy->max_request_bytes;
    } else if (key == "rate") {
      ReadRate(method, value, policy);
    } else {
      Fault(at, method + ": unknown key `" + key +
                    "`; known are peers grants reach request_id rate bulk");
    }
  }

  std::vector<std::string> ReadNames(const std::string& method, const std::string& key,
                                     const YAML::Node& node) {
    std::vector<std::string> names;
    if (!node.IsSequence() || node.size() == 0) {
      Fault(node, method + ": `" + key + "` must be a list of names");
      return names;
    }
    for (const YAML::Node& entry : node) {
      std::string name = entry.IsScalar() ? entry.as<std::string>("") : "";
      if (name.empty() || (key == "peers" && name == "dev")) {
        // `dev` is what plaintext development is called; a file must not be able to grant it.
        Fault(entry, method + ": `" + name + "` is no name for `" + key + "`");
      }
      names.push_back(name);
    }
    return names;
  }

  void ReadReach(const std::string& method, const YAML::Node& node, MethodPolicy* policy) {
    if (!node.IsMap()) {
      policy->reach = ReadScope(method, node);
      return;
    }
    for (const auto& entry : node) {
      std::string grant = entry.first.as<std::string>("");
      Members::Scope scope = ReadScope(method, entry.second);
      if (grant == "*") {
        policy->reach = scope;
      } else if (grant.empty() || !policy->reach_by_grant.emplace(grant, scope).second) {
        Fault(entry.first,
              method + ": `reach` names the grant `" + grant + "` twice or not at all");
      }
    }
  }

  Members::Scope ReadScope(const std::string& method, const YAML::Node& node) {
    static const std::map<std::string, Members::Scope> kScopes = {{"self", Members::Scope::kSelf},
                                                                  {"team", Members::Scope::kTeam},
                                                                  {"line", Members::Scope::kLine},
                                                                  {"all", Members::Scope::kAll}};
    auto it = kScopes.find(node.IsScalar() ? node.as<std::string>("") : "");
    if (it == kScopes.end()) {
      Fault(node, method + ": `reach` must be self, team, line, all or a map from grants to them");
      return Members::Scope::kSelf;
    }
    return it->second;
  }

  void ReadRate(const std::string& method, const YAML::Node& node, MethodPolicy* policy) {
    if (!node.IsMap()) {
      Fault(node, method + ": `rate` must be {per_user: 20/s, burst: 40}");
      return;
    }
    for (const auto& entry : node) {
      std::string key = entry.first.as<std::string>("");
      std::string text = entry.second.IsScalar() ? entry.second.as<std::string>("") : "";
      char* end = nullptr;
      double number = std::strtod(text.c_str(), &end);
      bool good = end != text.c_str() && std::isfinite(number) && number > 0 && number <= kMaxRate;
      std::string_view unit(end);
      if (key == "per_user" && good && (unit == "/s" || unit == "/m")) {
        policy->rate_per_second = unit == "/s" ? number : number / 60;
      } else if (key == "burst" && good && number >= 1 && unit.empty()) {
        policy->burst = number;
      } else {
        Fault(entry.first,
              method + ": `rate` takes `per_user` such as 20/s or 10/m, and `burst` from 1");
      }
    }
  }

  std::string faults_;
};

std::string FullName(const google::protobuf::MethodDescriptor* method) {
  return "/" + method->service()->full_name() + "/" + method->name();
}

}  // namespace

absl::StatusOr<std::map<std::string, MethodPolicy>> ParsePolicy(std::string_view yaml) {
  try {
    PolicyReader reader;
    std::map<std::string, MethodPolicy> policy = reader.Read(YAML::Load(std::string(yaml)));
    RETURN_IF_ERROR(reader.status());
    return policy;
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        ToAbsl("line " + std::to_string(error.mark.line + 1) + ": " + error.msg));
  }
}

absl::Status CheckPolicyCovers(
    const std::map<std::string, MethodPolicy>& policy,
    const std::vector<const google::protobuf::ServiceDescriptor*>& services) {
  std::set<std::string> methods;
  std::string faults;
  for (const auto* service : services) {
    for (int i = 0; i < service->method_count(); ++i) {
      std::string name = FullName(service->method(i));
      if (!policy.contains(name)) {
        faults += (faults.empty() ? "" : "\n") + name + ": no line in the policy";
      }
      methods.insert(std::move(name));
    }
  }
  for (const auto& [name, line] : policy) {
    if (!methods.contains(name)) {
      faults += (faults.empty() ? "" : "\n") + name + ": no such method";
    }
  }
  return faults.empty() ? absl::OkStatus() : absl::FailedPreconditionError(ToAbsl(faults));
}

}  // namespace steward::rpc
