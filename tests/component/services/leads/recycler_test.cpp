// Leads that nobody touches go back to the pool, each once.

#include <thread>

#include "services/leads/recycler.h"
#include "tests/component/services/leads/pool_fixture.h"

namespace steward::leads {
namespace {

class Recycling : public PoolTest {
 protected:
  RecyclerDeps Deps(int days = 30, int batch = 3) {
    return {.pg = options,
            .clock = &clock,
            .ids = &ids,
            .days = days,
            .batch = batch,
            .metrics = &lead_metrics};
  }
  static int Run(Recycler& recycler) {
    const absl::StatusOr<int> done = recycler.RunOnce();
    EXPECT_TRUE(done.ok()) << done.status();
    return done.value_or(-1);
  }
};

TEST_F(Recycling, TakesBackWhatIsDueAndNothingElse) {
  const pb::Lead due = Assigned("due");
  clock.Advance(Hours(1));
  const pb::Lead early = Assigned("early");
  const pb::Lead touched = Assigned("touched");
  const pb::Lead waiting = CreateLead("waiting");
  EXPECT_EQ(rpc::FromProto(due.recycle_time()), kStart + Hours(24 * 30));
  clock.Advance(Hours(24));
  pb::RecordTouchRequest touch;
  touch.mutable_touch()->set_kind("phone");
  touch.mutable_touch()->set_outcome("no_answer");
  touch.mutable_touch()->set_lead(touched.name());
  Ask(touches, &TouchesApi::RecordTouch, touch);
  clock.Advance(Hours(24 * 29) - Hours(1));
  Recycler recycler(Deps());
  EXPECT_EQ(Run(recycler), 1);
  EXPECT_EQ(Run(recycler), 0);
  EXPECT_EQ(GetLead(due.name()).state(), pb::Lead::RECYCLED);
  EXPECT_EQ(GetLead(due.name()).owner(), "");
  const Row row = LastOf(due.name());
  EXPECT_EQ(row.type, "lead.recycled");
  EXPECT_EQ(row.actor, "system:leads");
  EXPECT_EQ(row.event.lead_recycled().cause(), "untouched");
  EXPECT_EQ(row.event.lead_recycled().from_owner(), kWang);
  clock.Advance(Hours(1));
  EXPECT_EQ(Run(recycler), 1);
  EXPECT_TRUE(Shows("steward_lead_transitions_total{move=\"recycled\"} 2"));
  EXPECT_EQ(GetLead(early.name()).state(), pb::Lead::RECYCLED);
  EXPECT_EQ(GetLead(touched.name()).state(), pb::Lead::ASSIGNED);
  EXPECT_EQ(GetLead(waiting.name()).state(), pb::Lead::CAPTURED);
}

TEST_F(Recycling, IsOffByDefault) {
  Assigned("due");
  clock.Advance(Hours(24 * 1000));
  Recycler recycler(Deps(0));
  EXPECT_EQ(Run(recycler), 0);
}

TEST_F(Recycling, TwoAtOnceTakeEachLeadBackOnce) {
  for (int i = 0; i < 20; ++i) {
    Assigned("form-" + std::to_string(i));
  }
  clock.Advance(Hours(24 * 40));
  Recycler one(Deps()), other(Deps());
  int by_other = 0;
  std::thread thread([&] { by_other = Run(other); });
  const int by_one = Run(one);
  thread.join();
  EXPECT_EQ(by_one + by_other, 20);
  EXPECT_EQ(Count("SELECT count(*) FROM journal WHERE type = 'lead.recycled'"), 20);
  EXPECT_EQ(Count("SELECT count(*) FROM lead WHERE state = 6"), 20);
}

}  // namespace
}  // namespace steward::leads
