#include "tests/component/services/scoring/fixture.h"

#include "libs/identity/projection.h"
#include "services/scoring/migrations.h"
#include "steward/scoring/events/v1/scoring_events.pb.h"

namespace steward::scoring {

Time At(const std::string& local) { return *ParseTime(local + ":00+08:00"); }

google::type::Date Day(const std::string& day) {
  google::type::Date date;
  rpc::ToProto(*ParseDay("day", day), &date);
  return date;
}

google::type::Money Cny(int64_t minor) {
  google::type::Money money;
  rpc::ToProto(Money{"CNY", minor}, &money);
  return money;
}

ScoringTest::ScoringTest()
    : options(testing::PgFixture::Shared().NewDatabase(Migrations())),
      connections(options, 2, &registry),
      env{.service = "scoring",
          .db = &connections,
          .clock = &clock,
          .ids = &ids,
          .relay = nullptr,
          .metrics = &registry,
          .topic_message = &events::v1::ScoringEvent::default_instance()},
      projection({.zone = *LoadZone("zone", "Asia/Shanghai"),
                  .clock = &clock,
                  .ids = &ids,
                  .counted = nullptr,
                  .organisation_changed = nullptr,
                  .recorded = nullptr}),
      measures(env, tokens),
      scorecards(env, tokens),
      measurements(env, tokens, *LoadZone("zone", "Asia/Shanghai")),
      eligibility(env, tokens),
      periods({.env = env,
               .tokens = &tokens,
               .zone = *LoadZone("zone", "Asia/Shanghai"),
               .group = "steward.scoring",
               .inputs = {identity::DirectoryInput()},
               .owners = {{"leads", kLeadsTopic,
                           [this](const rpc::Call&, operations::v1::ServiceStatus* status) {
                             *status->mutable_database_time() = rpc::ToProto(clock.Now());
                             return leads_says ? leads_says(status) : absl::OkStatus();
                           }}},
               .ends_wait = Seconds(1)}),
      db(*pg::Connection::Open(options)) {}

eventing::Event ScoringTest::Won(const std::string& opportunity, Time at, int64_t minor,
                                 const std::string& member, const std::string& customer) {
  leads::events::v1::LeadsEvent message;
  auto* won = message.mutable_opportunity_won();
  won->set_owner(member);
  won->set_team(kEast);
  won->set_region("east");
  won->set_customer("customers/" + customer);
  *won->mutable_amount() = Cny(minor);
  return Event(kLeadsTopic, "opportunities/" + opportunity, message, at);
}

eventing::Event ScoringTest::Signed(const std::string& contract, const std::string& day,
                                    int64_t minor, const std::string& member) {
  orders::events::v1::OrdersEvent message;
  auto* m = message.mutable_contract_signed();
  *m->mutable_signed_on() = Day(day);
  m->set_owner(member);
  m->set_team(kEast);
  m->mutable_terms()->set_region("east");
  m->mutable_terms()->set_customer("customers/acme");
  *m->mutable_terms()->mutable_amount() = Cny(minor);
  return Event(kOrdersTopic, "contracts/" + contract, message, At(day + "T10:00"));
}

absl::Status ScoringTest::Try(const std::vector<eventing::Event>& events) {
  return pg::RunInTx(*db, {}, [&](pg::Tx& tx) {
    std::vector<pg::LockKey> locks = projection.Locks(events);
    for (const eventing::Event& event : events) {
      locks.push_back(pg::LockKey::Exclusive(event.aggregate));
    }
    tx.Lock(locks);
    return projection.Apply(tx, events);
  });
}

void ScoringTest::Apply(const std::vector<eventing::Event>& events) {
  const absl::Status status = Try(events);
  ASSERT_TRUE(status.ok()) << status;
}

rpc::Call ScoringTest::MakeCall(const Caller& caller, const google::protobuf::Message& request,
                                const std::string& request_id) {
  rpc::Call call;
  call.method = "/steward.scoring.v1.Service/" + std::string(request.GetDescriptor()->name());
  call.caller = caller.member;
  call.grants = caller.grants;
  call.reach = caller.reach;
  call.request_id = request_id;
  call.request_hash = rpc::RequestHash(request);
  call.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  call.correlation = "test";
  call.deadline_micros = MonotonicMicros() + Seconds(20).micros;
  return call;
}

std::string ScoringTest::Total(const std::string& measure, const std::string& subject,
                               const std::string& first, const std::string& last,
                               const std::string& qualifier) {
  pb::GetMeasureRequest request;
  request.set_measure(measure);
  request.set_subject(subject);
  *request.mutable_first_day() = Day(first);
  *request.mutable_last_day() = Day(last);
  request.set_qualifier(qualifier);
  std::string text;
  const pb::MeasureTotals answer = Must(measures, &MeasuresApi::GetMeasure, request);
  for (const auto& total : answer.totals()) {
    text += text.empty() ? "" : ", ";
    text += total.currency().empty() ? "" : total.currency() + " ";
    text += std::to_string(total.total());
  }
  return text;
}

std::vector<std::string> ScoringTest::Rows(const char* name, const char* sql) {
  const auto result = db->Run({name, sql});
  EXPECT_TRUE(result.ok()) << result.status();
  std::vector<std::string> rows;
  for (int i = 0; result.ok() && i < result->rows(); ++i) {
    rows.push_back(result->Text(i, 0));
  }
  return rows;
}

std::string FieldOf(const absl::Status& status) {
  const std::optional<Refusal> refusal = RefusalOf(status);
  return refusal && !refusal->fields.empty() ? refusal->fields.front().field : "";
}

}  // namespace steward::scoring
