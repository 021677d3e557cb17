#include "services/orders/api/approvers.h"

#include <set>

#include "libs/identity/period.h"

namespace steward::orders {
namespace {

using directory::v1::Member;

class Finder {
 public:
  Finder(const identity::Org& org, const std::string& submitter, Time at)
      : org_(org), submitter_(submitter), at_(at), line_(org.LineAbove(submitter, at)) {}

  std::string Find(const Approver& approver) const {
    switch (approver.kind) {
      case ApproverKind::kMember:
        return Present(approver.who) ? approver.who : "";
      case ApproverKind::kRoleAbove:
        return HolderAbove(approver.who);
      case ApproverKind::kDepartmentHead:
        return Head(approver.who.empty() ? org_.TeamOf(submitter_, at_).value_or("")
                                         : approver.who);
    }
    return "";
  }

  std::string Superior() const {
    for (size_t i = 1; i < line_.size(); ++i) {
      if (Present(line_[i])) {
        return line_[i];
      }
    }
    return "";
  }

 private:
  bool Present(const std::string& member) const {
    const auto found = org_.members.find(member);
    return found != org_.members.end() && found->second.active() &&
           found->second.kind() != Member::SYSTEM && !org_.OnLeave(member, at_);
  }

  std::string HolderAbove(const std::string& role) const {
    for (size_t i = 1; i < line_.size(); ++i) {
      for (const std::string& held : org_.RolesOf(line_[i], at_)) {
        if (held == role && Present(line_[i])) {
          return line_[i];
        }
      }
    }
    return "";
  }

  std::string Head(std::string team) const {
    std::set<std::string> seen;
    while (!team.empty() && seen.insert(team).second) {
      if (const auto lead = org_.LeadOf(team, at_); lead && Present(*lead)) {
        return *lead;
      }
      const auto found = org_.teams.find(team);
      team = found == org_.teams.end() ? "" : found->second.parent();
    }
    return "";
  }

  const identity::Org& org_;
  const std::string& submitter_;
  const Time at_;
  const std::vector<std::string> line_;
};

}  // namespace

FoundApprovers FindApprovers(const identity::Org& org, const ApprovalFlow& flow,
                             const std::string& submitter, Time at) {
  const Finder finder(org, submitter, at);
  FoundApprovers found;
  found.submitter = submitter;
  found.superior = finder.Superior();
  for (const FlowNode& node : flow.nodes) {
    std::vector<std::string>& members = found.nodes.emplace_back();
    for (const Approver& approver : node.approvers) {
      members.push_back(finder.Find(approver));
    }
  }
  return found;
}

}  // namespace steward::orders
