// Any history, in any batches and any order between partitions, leaves the same rows, counts, scores and explanations.

#include <rapidcheck.h>

#include "services/scoring/storage/lead_store.h"
#include "tests/component/services/scoring/lead_fixture.h"

namespace steward::scoring {
namespace {

constexpr char kCounts[] =
    "SELECT concat_ws('|', team, variable, value, won, lost) FROM outcome_count ORDER BY 1";

class LeadReplay : public LeadsTest {
 protected:
  struct Draw {
    int kind, which, day;
  };
  static rc::Gen<Draw> AnyDraw() {
    return rc::gen::construct<Draw>(rc::gen::inRange(0, 8), rc::gen::inRange(0, 4),
                                    rc::gen::inRange(0, 30));
  }
  // Leads are captured once, touched, disqualified and restored; opportunities opened, decided and reopened; tiers change.
  eventing::Event Make(const Draw& draw) {
    const Time at = At("2026-10-01T10:00") + Hours(24 * draw.day);
    const std::string id(1, static_cast<char>('a' + draw.which));
    LeadsEvent message;
    switch (draw.kind) {
      case 0:
        if (versions.count("leads/" + id) == 0) {
          return Captured(id, draw.which % 2 == 0 ? "fair" : "web", at, kLi,
                          draw.which == 0 ? "customers/acme" : "");
        }
        message.mutable_lead_assigned()->set_owner(draw.day % 2 == 0 ? kLi : kWang);
        return Event(kLeadsTopic, "leads/" + id, message, at);
      case 1:
        return Touch("t" + std::to_string(++touches_), id, at, draw.day % 3 != 0);
      case 2:
        return Opened("o" + id, id, at, draw.day % 2 == 0 ? "first" : "second");
      case 3:
      case 4:
      case 5:
        return Decided("o" + id, id,
                       draw.kind == 3   ? "won"
                       : draw.kind == 4 ? "lost"
                                        : "reopened",
                       at);
      case 6:
        return Tiers("acme", draw.day % 2 == 0 ? "abc:A" : "abc:B", at);
      default:
        if (versions.count("leads/" + id) == 0) {
          return Captured(id, "fair", at);
        }
        if (draw.day % 2 == 0) {
          message.mutable_lead_disqualified()->set_reason("no_budget");
        } else {
          message.mutable_lead_restored()->set_reason("no_budget");
        }
        return Event(kLeadsTopic, "leads/" + id, message, at);
    }
  }
  void ApplyInBatches(const std::vector<eventing::Event>& events, size_t batch) {
    for (size_t from = 0; from < events.size(); from += batch) {
      const size_t to = std::min(from + batch, events.size());
      RC_ASSERT(Try({events.begin() + static_cast<ptrdiff_t>(from),
                     events.begin() + static_cast<ptrdiff_t>(to)})
                    .ok());
    }
  }
  void Clear() {
    std::string script =
        "UPDATE lead_sweep SET day = '', begun_at = NULL, since = NULL, after_lead = '';";
    for (const char* table : {"fact", "measure_day", "fact_source", "lead_record", "lead_event",
                              "lead_opportunity", "customer_tiers", "outcome", "outcome_count",
                              "lead_mark", "sweep_request", "lead_score", "journal"}) {
      script += std::string("DELETE FROM ") + table + ";";
    }
    ASSERT_TRUE(db->RunScript(script).ok());
  }
  // Everything that is kept of leads, and the explanation of each score.
  std::vector<std::string> Everything() {
    std::vector<std::string> all;
    const char* const tables[][2] = {
        {"all_records", "SELECT r::text FROM lead_record r ORDER BY 1"},
        {"all_events", "SELECT e::text FROM lead_event e ORDER BY 1"},
        {"all_opportunities", "SELECT o::text FROM lead_opportunity o ORDER BY 1"},
        {"all_outcomes", "SELECT o::text FROM outcome o ORDER BY 1"},
        {"all_tiers", "SELECT t::text FROM customer_tiers t ORDER BY 1"},
        {"all_counts", kCounts},
        {"all_scores",
         "SELECT concat_ws('|', lead, score, band, win, win_basis, model, model_version, "
         "feature_hash, as_of, event_count, last_event, lead_version) FROM lead_score ORDER BY 1"}};
    for (const auto& [name, sql] : tables) {
      for (const std::string& row : Rows(name, sql)) {
        all.push_back(row);
      }
    }
    for (const std::string& lead :
         Rows("all_open", "SELECT lead FROM lead_record WHERE open ORDER BY lead")) {
      auto trace = Explain(lead.substr(lead.find('/') + 1));
      trace.clear_stored();
      all.push_back(rpc::DeterministicBytes(trace));
    }
    return all;
  }

 private:
  int touches_ = 0;
};

TEST_F(LeadReplay, GivesTheSameInAnyBatchesAndPartitionOrder) {
  Create(Model());
  Activate(1);
  EXPECT_TRUE(rc::check("replay = first run", [&] {
    Clear();
    versions.clear();
    const auto draws = *rc::gen::resize(25, rc::gen::container<std::vector<Draw>>(AnyDraw()));
    std::vector<eventing::Event> events;
    for (const Draw& draw : draws) {
      events.push_back(Make(draw));
    }
    ApplyInBatches(events, static_cast<size_t>(*rc::gen::inRange(1, 12)));
    const std::vector<std::string> counted = Rows("followed_counts", kCounts);
    RC_ASSERT(pg::RunInTx(*db, {}, [](pg::Tx& tx) { return RebuildCounts(tx); }).ok());
    RC_ASSERT(Rows("rebuilt_counts", kCounts) == counted);
    Rescore();
    const std::vector<std::string> first = Everything();

    // Partition by partition: only the order within an aggregate stays.
    std::stable_sort(events.begin(), events.end(),
                     [](const eventing::Event& a, const eventing::Event& b) {
                       return StableHash(a.aggregate) < StableHash(b.aggregate);
                     });
    Clear();
    ApplyInBatches(events, static_cast<size_t>(*rc::gen::inRange(1, 5)));
    Rescore();
    RC_ASSERT(Everything() == first);
  }));
}

}  // namespace
}  // namespace steward::scoring
