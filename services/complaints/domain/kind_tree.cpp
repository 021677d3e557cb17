#include "services/complaints/domain/kind_tree.h"

#include <algorithm>
#include <set>

#include "absl/status/status.h"
#include "services/complaints/domain/milestones.h"

namespace steward::complaints {
namespace {

absl::Status Fault(const Kind& kind, std::string_view what) {
  return absl::InvalidArgumentError("kind `" + kind.id + "`: " + std::string(what));
}

bool HasRepeat(const std::vector<std::string>& values) {
  return std::set<std::string>(values.begin(), values.end()).size() != values.size();
}

absl::Status CheckKind(const Kind& kind) {
  if (kind.id.empty()) {
    return Fault(kind, "has no id");
  }
  if (kind.severities.empty() || HasRepeat(kind.severities)) {
    return Fault(kind, "needs at least one severity, each listed once");
  }
  if (std::find(kind.severities.begin(), kind.severities.end(), "") != kind.severities.end()) {
    return Fault(kind, "has an empty severity");
  }
  if (HasRepeat(kind.milestones)) {
    return Fault(kind, "lists a milestone twice");
  }
  for (const std::string& milestone : kind.milestones) {
    if (!IsExtraMilestone(milestone)) {
      return Fault(kind, "has a milestone without an event, `" + milestone + "`");
    }
  }
  if (kind.display_names.count("en") == 0 || kind.display_names.count("zh-Hans") == 0) {
    return Fault(kind, "needs display names `en` and `zh-Hans`");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KindTree> KindTree::Create(std::vector<Kind> kinds) {
  KindTree tree;
  tree.kinds_ = std::move(kinds);
  for (size_t i = 0; i < tree.kinds_.size(); ++i) {
    const Kind& kind = tree.kinds_[i];
    if (absl::Status status = CheckKind(kind); !status.ok()) {
      return status;
    }
    if (!kind.parent.empty() && tree.Find(kind.parent) == nullptr) {
      return Fault(kind, "its parent `" + kind.parent + "` is not listed before it");
    }
    if (!tree.index_.emplace(kind.id, i).second) {
      return Fault(kind, "is listed twice");
    }
  }
  if (tree.kinds_.empty()) {
    return absl::InvalidArgumentError("no kinds");
  }
  return tree;
}

const Kind* KindTree::Find(std::string_view id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? nullptr : &kinds_[found->second];
}

std::vector<std::string> KindTree::Path(std::string_view id) const {
  std::vector<std::string> path;
  for (const Kind* kind = Find(id); kind != nullptr; kind = Find(kind->parent)) {
    path.push_back(kind->id);
  }
  return path;
}

}  // namespace steward::complaints
