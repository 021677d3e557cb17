#pragma once
// The contract as it is stored, and what can happen to it: ids and facts. Personal text has no
// place in these types.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/money.h"
#include "libs/base/time.h"
#include "services/orders/domain/approval.h"
#include "services/orders/domain/contract_state.h"
#include "services/orders/domain/instalment_plan.h"

namespace steward::orders {

// What is agreed, and bound by the signature.
struct ContractTerms {
  std::string customer;     // customers/{id}
  std::string opportunity;  // opportunities/{id} that it came from, or empty
  std::string kind;         // code, or empty
  std::string region;       // code, or empty
  Money amount;
  InstalmentPlan plan;  // may be empty while it is a draft
  friend bool operator==(const ContractTerms&, const ContractTerms&) = default;
};

struct ContractData {
  Uuid id;
  std::string owner;  // members/{id}; overdue instalments escalate along this member's line
  std::string team;   // teams/{id} of the owner when the owner was set, or empty
  ContractTerms terms;
  ContractState state = ContractState::kDraft;
  Time state_time;                      // when it came to this state
  std::vector<ApprovalData> approvals;  // every run, the last one is the current
  Time draft_time, update_time;
  std::optional<Time> approve_time, sign_time, start_time, complete_time, archive_time, cancel_time;
  std::optional<absl::CivilDay> signed_on;  // in the company's zone
  std::string cancel_reason;
  int64_t version = 0;  // number of its events
  friend bool operator==(const ContractData&, const ContractData&) = default;
};

struct ContractDrafted {
  ContractData contract;
};
struct ContractChanged {
  ContractTerms from, terms;
};
struct ContractAssigned {
  std::string from_owner, owner, from_team, team;
};
struct ContractSubmitted {
  std::string flow;
  int64_t flow_version;
  std::string submitter;
  std::vector<std::string> waiting_for;
};
// One approval that is not the last.
struct ContractApprovalGiven {
  std::string node, member;
  std::vector<std::string> waiting_for;
};
struct ContractApproved {
  std::string flow;
  int64_t flow_version;
  std::string member;  // whose approval was the last; empty = nobody was asked
  Duration cycle;      // since the first submission
  std::string submitter, owner, team, region;
};
struct ContractSentBack {
  std::string node, member, reason;
};
struct ContractWithdrawn {
  ContractState from;
};
struct ContractSigned {
  absl::CivilDay signed_on;
  std::string owner, team;
  ContractTerms terms;
};
struct ContractStarted {};
struct ContractCompleted {};
struct ContractArchived {};
struct ContractCancelled {
  std::string reason, opportunity;
  ContractState from;
};

struct ContractEvent {
  int64_t version = 0;
  Time occurred_at;
  std::variant<ContractDrafted, ContractChanged, ContractAssigned, ContractSubmitted,
               ContractApprovalGiven, ContractApproved, ContractSentBack, ContractWithdrawn,
               ContractSigned, ContractStarted, ContractCompleted, ContractArchived,
               ContractCancelled>
      body;
};

// `contracts/{uuid}`.
inline std::string ContractName(const Uuid& id) { return "contracts/" + id.ToString(); }

}  // namespace steward::orders
