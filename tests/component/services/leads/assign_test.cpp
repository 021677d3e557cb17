// Assignment: by rule and by hand, one atomic step each; rules as versions.

#include <map>
#include <thread>

#include "tests/component/services/leads/pool_fixture.h"

namespace steward::leads {
namespace {

using Assignment = PoolTest;

pb::AssignLeadRequest ByRule(const std::string& lead) {
  auto request = For<pb::AssignLeadRequest>(lead);
  request.set_rule(kRule);
  return request;
}

TEST_F(Assignment, ARuleChoosesAndSaysWhyTheOthersLost) {
  Know("members/a", true, "teams/north");
  Know("members/b", true, "", true);
  Know("members/c", false);
  MakeRule({"members/a", "members/b", "members/c", "members/d"}, 3);
  const pb::Lead lead = CreateLead("form-1");
  pb::AssignLeadRequest request = ByRule(lead.name());
  request.set_request_id(kRequestId);
  const auto made = Ask(pool, &LeadPoolApi::AssignLead, request);
  EXPECT_EQ(made.lead().owner(), "members/a");
  EXPECT_EQ(made.lead().team(), "teams/north");
  EXPECT_EQ(made.lead().state(), pb::Lead::ASSIGNED);
  EXPECT_EQ(made.choice().rule_version(), 1);
  std::vector<std::string> reasons;
  for (const auto& verdict : made.choice().verdicts()) {
    reasons.push_back(verdict.reason());
  }
  EXPECT_EQ(reasons, (std::vector<std::string>{"", "ON_LEAVE", "INACTIVE", "UNKNOWN_MEMBER"}));
  const Row row = LastOf(lead.name());
  EXPECT_EQ(row.type, "lead.assigned");
  EXPECT_EQ(row.event.lead_assigned().rule(), kRule);
  EXPECT_EQ(row.event.lead_assigned().verdicts(1).reason(), "ON_LEAVE");
  EXPECT_EQ(Ask(pool, &LeadPoolApi::AssignLead, request).SerializeAsString(),
            made.SerializeAsString());
  pb::ListLeadHistoryRequest history;
  history.set_parent(lead.name());
  const auto changes = Ask(pool, &LeadPoolApi::ListLeadHistory, history);
  EXPECT_EQ(changes.changes(1).choice().SerializeAsString(), made.choice().SerializeAsString());
}

TEST_F(Assignment, NobodyIsGivenMoreThanTheirCapByRuleOrByHand) {
  Know("members/a");
  MakeRule({"members/a"}, 2);
  MakeRule({"members/a"}, 1, "assignmentRules/stricter");
  Ask(pool, &LeadPoolApi::AssignLead, ByRule(CreateLead("form-1").name()));
  const pb::Lead second = CreateLead("form-2");
  pb::AssignLeadResponse response;
  const absl::Status refused =
      Try(pool, &LeadPoolApi::AssignLead, ByRule(second.name()), &response);
  EXPECT_EQ(RefusalOf(refused)->reason, "NO_CANDIDATE");
  EXPECT_EQ(MetadataOf(refused, "members/a"), "AT_CAPACITY");
  const absl::Status by_hand = Assign(second.name(), "members/a", &response);
  EXPECT_EQ(RefusalOf(by_hand)->reason, "AT_CAPACITY");
  EXPECT_EQ(MetadataOf(by_hand, "capacity"), "1");
  pb::ActivateAssignmentRuleRequest off;
  off.set_name("assignmentRules/stricter");
  EXPECT_FALSE(Ask(rules, &AssignmentRulesApi::ActivateAssignmentRule, off).active());
  EXPECT_TRUE(Assign(second.name(), "members/a", &response).ok());
}

TEST_F(Assignment, ByHandNeedsAMemberWhoWorksHere) {
  Know(kWang, true, "teams/east");
  Know("members/gone", false);
  const pb::Lead lead = CreateLead("form-1");
  pb::AssignLeadResponse response;
  EXPECT_EQ(FieldOf(Assign(lead.name(), "members/none", &response)), "owner");
  EXPECT_EQ(RefusalOf(Assign(lead.name(), "members/gone", &response))->reason, "MEMBER_INACTIVE");
  EXPECT_EQ(FieldOf(Assign(lead.name(), "", &response)), "rule");
  ASSERT_TRUE(Assign(lead.name(), kWang, &response).ok());
  EXPECT_EQ(response.lead().team(), "teams/east");
  EXPECT_FALSE(response.has_choice());
  EXPECT_EQ(RefusalOf(Assign(lead.name(), kWang, &response))->reason, "NOTHING_TO_CHANGE");
  const pb::Lead free =
      Ask(pool, &LeadPoolApi::ReleaseLead, For<pb::ReleaseLeadRequest>(lead.name()));
  EXPECT_EQ(free.owner(), "");
  EXPECT_EQ(free.team(), "teams/east");
  EXPECT_EQ(LastOf(lead.name()).event.lead_recycled().cause(), "released");
  pb::Lead again;
  EXPECT_EQ(RefusalOf(Try(pool, &LeadPoolApi::ReleaseLead, For<pb::ReleaseLeadRequest>(lead.name()),
                          &again))
                ->reason,
            "ILLEGAL_TRANSITION");
}

TEST_F(Assignment, IntakeByManyAtOnceKeepsTheCapsAndTheTurns) {
  constexpr int kThreads = 16;
  constexpr int kLeads = 160;
  constexpr int kPeople = 6;
  constexpr int kCap = 20;
  std::vector<std::string> members;
  for (int i = 0; i < kPeople; ++i) {
    members.push_back("members/p" + std::to_string(i));
    Know(members.back());
  }
  members.push_back("members/away");
  Know(members.back(), true, "", true);
  MakeRule(members, kCap);
  pg::WorkerConnections wide(options, kThreads, &registry);
  env.db = &wide;
  LeadPoolApi shared(PoolDeps());
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kThreads; ++worker) {
    threads.emplace_back([&, worker] {
      Caller caller;
      caller.worker = worker;
      for (int i = next++; i < kLeads; i = next++) {
        pb::CreateLeadRequest request = Intake("form-" + std::to_string(i));
        request.set_rule(kRule);
        Ask(shared, &LeadPoolApi::CreateLead, request, caller);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(Count("SELECT count(*) FROM lead"), kLeads);
  EXPECT_EQ(Count("SELECT count(*) FROM lead WHERE owner = 'members/away'"), 0);
  // At every position of the journal, not only at the end.
  std::map<std::string, int> loads;
  for (const Row& row : Journal()) {
    if (!row.event.has_lead_assigned()) {
      continue;
    }
    const auto& assigned = row.event.lead_assigned();
    EXPECT_LE(++loads[assigned.owner()], kCap);
    int low = kCap, high = 0;
    for (int i = 0; i < kPeople; ++i) {
      low = std::min(low, loads[members[static_cast<size_t>(i)]]);
      high = std::max(high, loads[members[static_cast<size_t>(i)]]);
    }
    EXPECT_LE(high - low, 1);
  }
  for (int i = 0; i < kPeople; ++i) {
    EXPECT_EQ(loads[members[static_cast<size_t>(i)]], kCap);
  }
  EXPECT_EQ(Count("SELECT count(*) FROM lead WHERE state = 1"), kLeads - kPeople * kCap);
}

TEST_F(Assignment, HandsAndRuleAtOnceKeepTheCap) {
  constexpr int kThreads = 8;
  Know("members/a");
  MakeRule({"members/a"}, 5);
  std::vector<std::string> leads;
  for (int i = 0; i < 24; ++i) {
    leads.push_back(CreateLead("form-" + std::to_string(i)).name());
  }
  std::atomic<size_t> next{0};
  std::atomic<int> given{0};
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kThreads; ++worker) {
    threads.emplace_back([&, worker] {
      Caller caller;
      caller.worker = worker;
      for (size_t i = next++; i < leads.size(); i = next++) {
        pb::AssignLeadRequest request = ByRule(leads[i]);
        if (i % 2 == 0) {
          request.clear_rule();
          request.set_owner("members/a");
        }
        pb::AssignLeadResponse response;
        given += Try(pool, &LeadPoolApi::AssignLead, request, &response, caller).ok() ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(given, 5);
  EXPECT_EQ(Count("SELECT count(*) FROM lead WHERE owner = 'members/a'"), 5);
}

TEST_F(Assignment, LeadsThatAreGivenBackKeepTheCapAtEveryPositionOfTheJournal) {
  constexpr int kThreads = 8, kTurns = 30;
  Know("members/a");
  Know("members/b");
  MakeRule({"members/a", "members/b"}, 1);
  std::vector<std::string> leads;
  for (int i = 0; i < kThreads; ++i) {
    leads.push_back(CreateLead("form-" + std::to_string(i)).name());
  }
  pg::WorkerConnections wide(options, kThreads, &registry);
  env.db = &wide;
  LeadPoolApi shared(PoolDeps());
  std::vector<std::thread> threads;
  for (int worker = 0; worker < kThreads; ++worker) {
    threads.emplace_back([&, worker] {
      Caller caller;
      caller.worker = worker;
      const std::string& lead = leads[static_cast<size_t>(worker)];
      for (int i = 0; i < kTurns; ++i) {
        pb::AssignLeadRequest request = ByRule(lead);
        if (worker % 4 == 0) {
          request.clear_rule();
          request.set_owner("members/b");
        }
        pb::AssignLeadResponse response;
        if (!Try(shared, &LeadPoolApi::AssignLead, request, &response, caller).ok()) {
          continue;
        }
        if (i % 2 == 0) {
          Ask(shared, &LeadPoolApi::ReleaseLead, For<pb::ReleaseLeadRequest>(lead), caller);
        } else {
          auto disqualify = For<pb::DisqualifyLeadRequest>(lead);
          disqualify.set_disqualify_reason("no_need");
          Ask(shared, &LeadPoolApi::DisqualifyLead, disqualify, caller);
          Ask(shared, &LeadPoolApi::RestoreLead, For<pb::RestoreLeadRequest>(lead), caller);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::map<std::string, int> loads;
  std::map<std::string, std::string> owners;
  for (const Row& row : Journal()) {
    if (row.event.has_lead_assigned()) {
      owners[row.aggregate] = row.event.lead_assigned().owner();
      EXPECT_LE(++loads[owners[row.aggregate]], 1) << owners[row.aggregate];
    } else if (row.event.has_lead_recycled() || row.event.has_lead_disqualified()) {
      --loads[owners[row.aggregate]];
    }
  }
}

TEST_F(Assignment, RulesAreVersionsOfWhichOneIsActive) {
  const pb::AssignmentRule first = MakeRule({"members/a"}, 2);
  EXPECT_EQ(first.version(), 1);
  EXPECT_TRUE(first.active());
  pb::CreateAssignmentRuleVersionRequest request;
  *request.mutable_rule() = first;
  request.mutable_rule()->mutable_seats(0)->set_capacity(7);
  request.set_request_id(kRequestId);
  const auto second = Ask(rules, &AssignmentRulesApi::CreateAssignmentRuleVersion, request);
  EXPECT_EQ(second.version(), 2);
  EXPECT_FALSE(second.active());
  EXPECT_EQ(Ask(rules, &AssignmentRulesApi::CreateAssignmentRuleVersion, request).version(), 2);
  auto get = For<pb::GetAssignmentRuleRequest>(kRule);
  EXPECT_EQ(Ask(rules, &AssignmentRulesApi::GetAssignmentRule, get).version(), 1);
  get.set_version(2);
  EXPECT_EQ(Ask(rules, &AssignmentRulesApi::GetAssignmentRule, get).seats(0).capacity(), 7);
  auto activate = For<pb::ActivateAssignmentRuleRequest>(kRule);
  activate.set_version(2);
  EXPECT_TRUE(Ask(rules, &AssignmentRulesApi::ActivateAssignmentRule, activate).active());
  EXPECT_EQ(Count("SELECT capacity FROM assignee"), 7);
  pb::AssignmentRule response;
  EXPECT_EQ(RefusalOf(Try(rules, &AssignmentRulesApi::ActivateAssignmentRule, activate, &response))
                ->reason,
            "NOTHING_TO_CHANGE");
  activate.set_version(9);
  EXPECT_EQ(FieldOf(Try(rules, &AssignmentRulesApi::ActivateAssignmentRule, activate, &response)),
            "version");
  MakeRule({"members/b"}, 1, "assignmentRules/west");
  pb::ListAssignmentRulesRequest list;
  EXPECT_EQ(Ask(rules, &AssignmentRulesApi::ListAssignmentRules, list).rules_size(), 2);
  list.set_all_versions(true);
  list.set_page_size(2);
  const auto page = Ask(rules, &AssignmentRulesApi::ListAssignmentRules, list);
  EXPECT_EQ(page.rules(0).version(), 2);
  list.set_page_token(page.next_page_token());
  EXPECT_EQ(Ask(rules, &AssignmentRulesApi::ListAssignmentRules, list).rules(0).name(),
            "assignmentRules/west");
}

TEST_F(Assignment, ARuleThatCannotBeNamesItsFaults) {
  pb::CreateAssignmentRuleVersionRequest request;
  pb::AssignmentRule& rule = *request.mutable_rule();
  rule.set_name("assignmentRules/east");
  (*rule.mutable_display_names())["en"] = "East";
  rule.set_method(pb::AssignmentRule::LEAST_LOADED);
  for (int i = 0; i < 2; ++i) {
    rule.add_seats()->set_member("members/a");
    rule.mutable_seats(i)->set_capacity(-i);
  }
  pb::AssignmentRule response;
  std::vector<std::string> fields;
  const Refusal refusal =
      *RefusalOf(Try(rules, &AssignmentRulesApi::CreateAssignmentRuleVersion, request, &response));
  for (const FieldViolation& fault : refusal.fields) {
    fields.push_back(fault.field);
  }
  EXPECT_EQ(fields, (std::vector<std::string>{"rule.display_names", "rule.seats[1].member",
                                              "rule.seats[1].capacity"}));
}

}  // namespace
}  // namespace steward::leads
