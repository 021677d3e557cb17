#include "tools/stewardctl/pack.h"

#include "libs/base/status.h"
#include "tools/stewardctl/context.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

absl::Status Invalid(const std::string& text) {
  return absl::InvalidArgumentError(steward::ToAbsl(text));
}

absl::Status ReadPolicies(const std::string& json, Pack* pack) {
  const auto elements = JsonElements(json);
  if (!elements.ok()) {
    return Invalid("`policies` is no list");
  }
  for (const std::string& element : *elements) {
    const std::string place = "policies[" + std::to_string(pack->policies.size()) + "]";
    steward::sla::v1::Policy policy;
    if (const absl::Status read = JsonToMessage(element, &policy); !read.ok()) {
      return Invalid(place + ": " + std::string(read.message()));
    }
    if (policy.pack().empty()) {
      policy.set_pack(pack->name);
    } else if (policy.pack() != pack->name) {
      return Invalid(place + ": its pack is `" + policy.pack() + "`, not `" + pack->name + "`");
    }
    pack->policies.push_back(std::move(policy));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Pack> ParsePack(const std::string& yaml) {
  ASSIGN_OR_RETURN(const auto entries, YamlTopLevel(yaml));
  Pack pack;
  std::string policies = "[]";
  for (const auto& [key, value] : entries) {
    if (key == "pack") {
      pack.name = value;
    } else if (key == "enabled_by_default") {
      if (value != "true" && value != "false") {
        return Invalid("`enabled_by_default` is true or false");
      }
      pack.enabled_by_default = value == "true";
    } else if (key == "policies") {
      policies = value;
    } else if (key != "display_names" && key != "source" && key != "notes") {
      return Invalid(
          "unknown key `" + key +
          "`; a pack has pack, display_names, source, notes, enabled_by_default, policies");
    }
  }
  if (pack.name.empty()) {
    return Invalid("`pack` is missing");
  }
  RETURN_IF_ERROR(ReadPolicies(policies, &pack));
  return pack;
}

absl::StatusOr<Pack> ReadPackFile(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  auto pack = ParsePack(text);
  return pack.ok() ? pack : Invalid(file + ": " + std::string(pack.status().message()));
}

}  // namespace stewardctl
