#pragma once
// Leads with their opportunities and outcomes while events are taken in, and what that changes: rows to write, leads to score again,
// outcomes to count. Lead, opportunity and touch come on partitions of their own: what the book holds at the end does not depend on the
// order between them.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/scoring/domain/lead_record.h"

namespace steward::scoring {

class LeadBook {
 public:
  struct Contents {
    std::map<std::string, LeadRecord> leads;
    std::map<std::string, LeadOpportunity> opportunities;
    std::map<Uuid, OpportunityOutcome> outcomes;
  };
  // Of each lead that events speak of: what is stored of it, all its opportunities and all their outcomes.
  explicit LeadBook(Contents stored);

  // The lead, to be changed by the next event of its own; null when this version was taken in before.
  LeadRecord* Lead(const std::string& lead, int64_t version);
  // The same for an opportunity; `lead` may be empty where the event does not say it.
  LeadOpportunity* Opportunity(const std::string& opportunity, const std::string& lead,
                               int64_t version);
  void Decide(const LeadOpportunity& opportunity, const Uuid& event, Verdict verdict);
  void Withdraw(const LeadOpportunity& opportunity);
  // An event that points may be given for.
  struct Entry {
    std::string lead;
    LeadEvent event;
  };
  void Enter(const std::string& lead, LeadEvent event);

  struct Changes {
    std::vector<LeadRecord> leads;
    std::vector<LeadOpportunity> opportunities;
    std::vector<OpportunityOutcome> outcomes;
    std::vector<Entry> events;
    OutcomeCounts::Rows counts;  // to be added
    std::vector<std::string> marks;
  };
  Changes Take();

 private:
  OutcomeCounts::Rows Counted() const;

  Contents now_;
  OutcomeCounts::Rows before_;
  std::vector<Entry> events_;
  std::set<std::string> leads_, opportunities_;
  std::set<Uuid> outcomes_;
};

}  // namespace steward::scoring
