#include "tests/component/services/leads/pool_fixture.h"

#include "libs/identity/projection.h"

namespace steward::leads {
namespace {

absl::TimeZone Shanghai() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Asia/Shanghai", &zone));
  return zone;
}

}  // namespace

PoolTest::PoolTest()
    : opportunity_metrics(registry),
      lead_metrics(DefaultTouchCatalogue(), registry),
      pool(PoolDeps()),
      rules(env, tokens),
      touches({.env = env,
               .tokens = &tokens,
               .time_rules = {},
               .company_zone = Shanghai(),
               .metrics = &lead_metrics}) {}

bool PoolTest::Shows(const std::string& line) {
  return ("\n" + registry.Text()).find("\n" + line + "\n") != std::string::npos;
}

LeadPoolDeps PoolTest::PoolDeps() {
  return {.env = env,
          .tokens = &tokens,
          .rules = {&schemes, "CN"},
          .pipelines = &pipelines,
          .time_rules = {},
          .recycle_days = 30,
          .org = {},
          .metrics = &lead_metrics,
          .customer_metrics = metrics.get(),
          .opportunity_metrics = &opportunity_metrics};
}

void PoolTest::Know(const std::string& member, bool active, const std::string& team,
                    bool on_leave) {
  directory::events::v1::MemberState state;
  state.set_active(active);
  if (!team.empty()) {
    state.add_teams()->set_team(team);
  }
  if (on_leave) {
    state.add_leaves();  // without start or end: always
  }
  auto db = pg::Connection::Open(options);
  ASSERT_TRUE(db.ok()) << db.status();
  const absl::Status status = pg::RunInTx(**db, {}, [&](pg::Tx& tx) {
    identity::QueueEntry(tx, member, ++known_, state);
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
}

pb::AssignmentRule PoolTest::MakeRule(const std::vector<std::string>& members, int64_t capacity,
                                      const std::string& name) {
  pb::CreateAssignmentRuleVersionRequest request;
  pb::AssignmentRule& rule = *request.mutable_rule();
  rule.set_name(name);
  (*rule.mutable_display_names())["en"] = "East";
  (*rule.mutable_display_names())["zh-Hans"] = "华东";
  rule.set_method(pb::AssignmentRule::ROUND_ROBIN);
  for (const std::string& member : members) {
    pb::AssignmentRule::Seat& seat = *rule.add_seats();
    seat.set_member(member);
    seat.set_capacity(capacity);
  }
  request.set_activate(true);
  return Ask(rules, &AssignmentRulesApi::CreateAssignmentRuleVersion, request);
}

pb::CreateLeadRequest PoolTest::Intake(const std::string& external_id) const {
  pb::CreateLeadRequest request;
  pb::Lead& lead = *request.mutable_lead();
  lead.set_channel("web");
  lead.set_external_id(external_id);
  lead.set_source("trade_fair");
  return request;
}

pb::Lead PoolTest::CreateLead(const std::string& external_id) {
  return Ask(pool, &LeadPoolApi::CreateLead, Intake(external_id)).lead();
}

pb::Lead PoolTest::Assigned(const std::string& external_id, const std::string& owner) {
  Know(owner);
  pb::CreateLeadRequest request = Intake(external_id);
  request.set_owner(owner);
  return Ask(pool, &LeadPoolApi::CreateLead, request).lead();
}

pb::Lead PoolTest::GetLead(const std::string& name) {
  return Ask(pool, &LeadPoolApi::GetLead, For<pb::GetLeadRequest>(name));
}

absl::Status PoolTest::Assign(const std::string& lead, const std::string& owner,
                              pb::AssignLeadResponse* response) {
  auto request = For<pb::AssignLeadRequest>(lead);
  request.set_owner(owner);
  return Try(pool, &LeadPoolApi::AssignLead, request, response);
}

LeadsTest::Row PoolTest::LastOf(const std::string& aggregate) {
  Row last;
  for (const Row& row : Journal()) {
    if (row.aggregate == aggregate) {
      last = row;
    }
  }
  EXPECT_FALSE(last.aggregate.empty()) << "no event of " << aggregate;
  return last;
}

}  // namespace steward::leads
