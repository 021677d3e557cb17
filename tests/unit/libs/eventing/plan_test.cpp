#include "libs/eventing/plan.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace steward::eventing {
namespace {

Uuid IdOf(int64_t version, int salt = 0) {
  Uuid id;
  id.bytes[0] = static_cast<uint8_t>(version);
  id.bytes[1] = static_cast<uint8_t>(salt);
  return id;
}

Decoded Good(const std::string& aggregate, int64_t version, int salt = 0) {
  Decoded record;
  record.event.aggregate = aggregate;
  record.event.version = version;
  record.event.event_id = IdOf(version, salt);
  return record;
}

Decoded Bad(const std::string& aggregate, int64_t version) {
  Decoded record = Good(aggregate, version);
  record.reason = reason::kUnparsable;
  record.error = "bytes";
  return record;
}

std::vector<std::string> Words(const Plan& plan) {
  std::vector<std::string> words;
  for (const Decision& decision : plan.decisions) {
    words.push_back(decision.verdict == Verdict::kApply    ? "apply"
                    : decision.verdict == Verdict::kRepeat ? "repeat"
                                                           : std::string(decision.reason));
  }
  return words;
}

using List = std::vector<std::string>;

TEST(Plan, AppliesInOrderAndDropsRepeats) {
  const Plan plan =
      PlanBatch({Good("a", 1), Good("a", 2), Good("a", 1), Good("a", 2), Good("b", 1)}, {}, {});
  EXPECT_EQ(Words(plan), (List{"apply", "apply", "repeat", "repeat", "apply"}));
  EXPECT_EQ(plan.seen.at("a").version, 2);
  EXPECT_TRUE(plan.release.empty());
}

TEST(Plan, TheSameVersionAsAnotherEventHasDiverged) {
  const Plan plan = PlanBatch({Good("a", 3, 1), Good("a", 4)}, {{"a", {3, IdOf(3)}}}, {});
  EXPECT_EQ(Words(plan), (List{"diverged", "behind"}));
  EXPECT_TRUE(plan.seen.empty());
  EXPECT_TRUE(plan.release.empty());
}

TEST(Plan, AGapIsParkedAndReleasedWhenItCloses) {
  const Plan gap = PlanBatch({Good("a", 2), Good("a", 3)}, {}, {});
  EXPECT_EQ(Words(gap), (List{"gap", "behind"}));
  EXPECT_TRUE(gap.release.empty());
  const Plan closes = PlanBatch({Good("a", 1)}, {}, {{"a", {2, "gap"}}});
  EXPECT_EQ(Words(closes), (List{"apply"}));
  EXPECT_EQ(closes.release, (List{"a"}));
}

TEST(Plan, AGapInsideOneBatchClosesInTheSameBatch) {
  const Plan plan = PlanBatch({Good("a", 2), Good("a", 1), Good("a", 2), Good("a", 3)}, {}, {});
  EXPECT_EQ(Words(plan), (List{"gap", "apply", "behind", "behind"}));
  EXPECT_EQ(plan.release, (List{"a"}));
}

TEST(Plan, ARefusedHeadIsNotReleasedByItself) {
  const Plan plan = PlanBatch({Good("a", 6)}, {{"a", {4, IdOf(4)}}}, {{"a", {5, "refused"}}});
  EXPECT_EQ(Words(plan), (List{"behind"}));
  EXPECT_TRUE(plan.release.empty());
}

TEST(Plan, ARecordWhoseVersionIsUnreadableHoldsBackItsAggregateOnly) {
  const Plan plan = PlanBatch({Bad("a", 0), Good("a", 1), Good("b", 1)}, {}, {});
  EXPECT_EQ(Words(plan), (List{"unparsable", "behind", "apply"}));
}

TEST(Plan, WithoutAKeyNobodyWaits) {
  const Plan plan = PlanBatch({Bad("", 0), Good("a", 1)}, {}, {});
  EXPECT_EQ(Words(plan), (List{"unparsable", "apply"}));
}

TEST(Plan, AHeadThatWaitsForNothingIsReleased) {
  // The process ended between the commit that closed the gap and the release.
  const Plan plan = PlanBatch({Good("a", 5)}, {{"a", {3, IdOf(3)}}}, {{"a", {4, "gap"}}});
  EXPECT_EQ(Words(plan), (List{"behind"}));
  EXPECT_EQ(plan.release, (List{"a"}));
}

// A consumer with its tables in memory.
struct Model {
  std::map<std::string, Seen> seen;
  std::multimap<std::pair<std::string, int64_t>, Decoded> parked;
  std::map<std::string, std::vector<int64_t>> applied;
  int64_t read = 0, apply = 0, repeat = 0, park = 0;

  std::map<std::string, ParkedHead> Heads() const {
    std::map<std::string, ParkedHead> heads;
    for (const auto& [key, record] : parked) {
      heads.try_emplace(key.first,
                        ParkedHead{key.second, record.reason.empty() ? "gap" : "unparsable"});
    }
    return heads;
  }

  void ApplyOne(const Event& event) {
    auto& versions = applied[event.aggregate];
    RC_ASSERT(event.version == static_cast<int64_t>(versions.size()) + 1);
    versions.push_back(event.version);
    seen[event.aggregate] = {event.version, event.event_id};
  }

  void Batch(const std::vector<Decoded>& batch) {
    const Plan plan = PlanBatch(batch, seen, Heads());
    RC_ASSERT(plan.decisions.size() == batch.size());
    for (size_t i = 0; i < batch.size(); ++i) {
      ++read;
      const Event& event = batch[i].event;
      switch (plan.decisions[i].verdict) {
        case Verdict::kApply:
          ++apply;
          ApplyOne(event);
          break;
        case Verdict::kRepeat:
          ++repeat;
          break;
        case Verdict::kPark:
          ++park;
          parked.insert({{event.aggregate, event.version}, batch[i]});
          break;
      }
    }
    for (const auto& [aggregate, last] : plan.seen) {
      RC_ASSERT(seen[aggregate].version == last.version);
    }
    for (const std::string& aggregate : plan.release) {
      Release(aggregate);
    }
  }

  void Release(const std::string& aggregate) {
    while (true) {
      auto head = parked.lower_bound({aggregate, 0});
      if (head == parked.end() || head->first.first != aggregate || !head->second.reason.empty() ||
          head->first.second > seen[aggregate].version + 1) {
        return;
      }
      if (head->first.second == seen[aggregate].version + 1) {
        ApplyOne(head->second.event);
      }
      parked.erase(head);
    }
  }
};

// Any order, any repeats, any batch borders: conserved, never a gap, and all of it applied once everything came.
RC_GTEST_PROP(PlanProperty, AnyInterleavingIsConservedAndComplete, ()) {
  const auto aggregates = *rc::gen::inRange(1, 4);
  std::vector<Decoded> stream;
  std::map<std::string, int64_t> length;
  for (int a = 0; a < aggregates; ++a) {
    const std::string name(1, static_cast<char>('a' + a));
    length[name] = *rc::gen::inRange<int64_t>(1, 8);
    for (int64_t v = 1; v <= length[name]; ++v) {
      const int copies = *rc::gen::inRange(1, 4);
      for (int c = 0; c < copies; ++c) {
        stream.push_back(Good(name, v));
      }
    }
  }
  for (size_t i = stream.size(); i > 1; --i) {
    std::swap(stream[i - 1], stream[*rc::gen::inRange<size_t>(0, i)]);
  }
  Model model;
  for (size_t at = 0; at < stream.size();) {
    const size_t size = std::min(stream.size() - at, *rc::gen::inRange<size_t>(1, 6));
    model.Batch({stream.begin() + static_cast<std::ptrdiff_t>(at),
                 stream.begin() + static_cast<std::ptrdiff_t>(at + size)});
    at += size;
  }
  RC_ASSERT(model.read == static_cast<int64_t>(stream.size()));
  RC_ASSERT(model.read == model.apply + model.repeat + model.park);
  RC_ASSERT(model.parked.empty());
  for (const auto& [name, last] : length) {
    RC_ASSERT(model.seen[name].version == last);
  }
}

// With unreadable records in between: conserved, never a gap, and what is applied is the readable prefix.
RC_GTEST_PROP(PlanProperty, UnreadableRecordsHoldBackWhatIsLater, ()) {
  Model model;
  const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, bool>>>(
      rc::gen::tuple(rc::gen::inRange(0, 2), rc::gen::inRange(0, 5),
                     rc::gen::weightedElement<bool>({{1, true}, {6, false}})));
  for (const auto& [which, version, bad] : steps) {
    const std::string name(1, static_cast<char>('a' + which));
    model.Batch({bad || version == 0 ? Bad(name, version) : Good(name, version)});
  }
  RC_ASSERT(model.read == model.apply + model.repeat + model.park);
  for (const auto& [key, record] : model.parked) {
    if (record.reason.empty() && key.second <= model.seen[key.first].version + 1) {
      // It may wait only because an unreadable one, or one that diverged, stands before it.
      RC_ASSERT(model.Heads().at(key.first).version <= key.second);
    }
  }
}

}  // namespace
}  // namespace steward::eventing
