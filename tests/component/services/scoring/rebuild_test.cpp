// Whatever happens, the sums that followed step by step are those that the facts give anew.

#include <rapidcheck.h>

#include "services/scoring/storage/fact_store.h"
#include "tests/component/services/scoring/fixture.h"

namespace steward::scoring {
namespace {

using LeadsEvent = leads::events::v1::LeadsEvent;
using ComplaintsEvent = complaints::events::v1::ComplaintsEvent;

constexpr char kSums[] =
    "SELECT concat_ws('|', subject, measure, day, qualifier, currency, facts, total) FROM "
    "measure_day ORDER BY 1";

class Rebuild : public ScoringTest {
 protected:
  struct Draw {
    int aggregate, kind, day, who, amount;
  };
  static rc::Gen<Draw> AnyDraw() {
    return rc::gen::construct<Draw>(rc::gen::inRange(0, 4), rc::gen::inRange(0, 7),
                                    rc::gen::inRange(0, 60), rc::gen::inRange(0, 3),
                                    rc::gen::inRange(1, 10'000));
  }
  // Opportunities are won, reopened and lost, tickets registered, moved, resolved, reopened and withdrawn.
  eventing::Event Make(const Draw& draw) {
    const Time at = At("2026-03-01T10:00") + Hours(24 * draw.day);
    const std::string member = draw.who == 0 ? "" : draw.who == 1 ? kLi : kWang;
    const std::string id = std::to_string(draw.aggregate);
    if (draw.kind == 0) {
      return Won(id, at, draw.amount, member);
    }
    if (draw.kind <= 2) {
      LeadsEvent message;
      (draw.kind == 1 ? message.mutable_opportunity_reopened() : message.mutable_opportunity_lost())
          ->set_owner(member);
      return Event(kLeadsTopic, "opportunities/" + id, message, at);
    }
    ComplaintsEvent message;
    if (draw.kind == 3) {
      message.mutable_ticket_registered()->set_owner(member);
      message.mutable_ticket_registered()->add_kind_path("complaint");
    } else if (draw.kind == 4) {
      message.mutable_ticket_assigned()->set_owner(member);
    } else if (draw.kind == 5) {
      message.mutable_ticket_resolved();
    } else if (draw.who == 0) {
      message.mutable_ticket_cancelled();
    } else {
      message.mutable_ticket_reopened();
    }
    return Event(kComplaintsTopic, "complaints/" + id, message, at);
  }
  // In batches of any size, some of them twice.
  void ApplyInBatches(const std::vector<eventing::Event>& events, size_t batch) {
    for (size_t from = 0; from < events.size(); from += batch) {
      const size_t to = std::min(from + batch, events.size());
      const std::vector<eventing::Event> part(events.begin() + static_cast<ptrdiff_t>(from),
                                              events.begin() + static_cast<ptrdiff_t>(to));
      RC_ASSERT(Try(part).ok());
    }
  }
  void Clear() {
    ASSERT_TRUE(db->RunScript("TRUNCATE fact, measure_day, fact_source").ok());
    versions.clear();
  }
};

TEST_F(Rebuild, IncrementalEqualsFullForAnyHistory) {
  EXPECT_TRUE(rc::check("incremental = rebuild", [&] {
    Clear();
    const auto draws = *rc::gen::resize(40, rc::gen::container<std::vector<Draw>>(AnyDraw()));
    std::vector<eventing::Event> events;
    for (const Draw& draw : draws) {
      events.push_back(Make(draw));
    }
    ApplyInBatches(events, static_cast<size_t>(*rc::gen::inRange(1, 12)));
    const std::vector<std::string> followed = Rows("test_sums", kSums);
    const auto nothing = RebuildSums(*db);
    RC_ASSERT(nothing.ok());
    RC_ASSERT(nothing->removed + nothing->corrected + nothing->added == 0);
    RC_ASSERT(Rows("test_sums", kSums) == followed);
    // What was lost, wrong or never so is put right.
    RC_ASSERT(db->RunScript("DELETE FROM measure_day WHERE subject = 'company'; UPDATE measure_day "
                            "SET total = total + 1 WHERE subject LIKE 'members/%'; INSERT INTO "
                            "measure_day VALUES ('members/none', 'won_count', '2026-01-01', '', "
                            "'', 1, 1)")
                  .ok());
    const auto mended = RebuildSums(*db);
    RC_ASSERT(mended.ok());
    RC_ASSERT(mended->removed == 1);
    RC_ASSERT(Rows("test_sums", kSums) == followed);

    // The same events one by one give the same facts.
    const char* facts =
        "SELECT concat_ws('|', event_id, measure, part, day, qualifier, member, value) FROM fact "
        "ORDER BY 1";
    const std::vector<std::string> batched = Rows("test_facts", facts);
    Clear();
    ApplyInBatches(events, 1);
    RC_ASSERT(Rows("test_facts", facts) == batched);
    RC_ASSERT(Rows("test_sums", kSums) == followed);
  }));
}

}  // namespace
}  // namespace steward::scoring
