#include "services/complaints/domain/repeats.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "tests/unit/services/complaints/tickets.h"

namespace steward::complaints {
namespace {

constexpr Duration kWindow = Hours(24 * 30);
constexpr Duration kDay = Hours(24);

RepeatCandidate At(uint8_t id, int day, std::string topic, std::string product = "") {
  return {Id(id), kNow + Duration{kDay.micros * day}, std::move(topic), std::move(product), {}};
}

// Registers tickets one by one in this order, as the service does: each time with what lies
// within the window.
std::map<Uuid, RepeatLink> Arrive(const std::vector<RepeatCandidate>& order, int* found = nullptr) {
  std::vector<RepeatCandidate> known;
  for (const RepeatCandidate& ticket : order) {
    std::vector<RepeatCandidate> window{ticket};
    for (const RepeatCandidate& each : known) {
      if (each.occurred_at >= ticket.occurred_at - kWindow) {
        window.push_back(each);
      }
    }
    known.push_back(ticket);
    for (const FoundRepeat& repeat : FindRepeats(window, ticket.id, kWindow)) {
      if (found != nullptr) {
        ++*found;
      }
      std::find_if(known.begin(), known.end(), [&](const auto& t) {
        return t.id == repeat.ticket;
      })->link = repeat.link;
    }
  }
  std::map<Uuid, RepeatLink> links;
  for (const RepeatCandidate& each : known) {
    if (each.link) {
      links.emplace(each.id, *each.link);
    }
  }
  return links;
}

TEST(Repeats, LinkToTheFirstOfTheChain) {
  const auto links = Arrive({At(1, 0, "noise"), At(2, 20, "noise"), At(3, 40, "noise")});
  ASSERT_EQ(links.size(), 2u);
  EXPECT_EQ(links.at(Id(2)).first, Id(1));
  EXPECT_EQ(links.at(Id(3)).first, Id(1))
      << "through the second, although the first is out of the window";
  EXPECT_EQ(links.at(Id(3)).rule, kSameTopic);
}

TEST(Repeats, NeedTheSameTopicOrProductWithinTheWindow) {
  EXPECT_TRUE(Arrive({At(1, 0, "noise"), At(2, 31, "noise")}).empty());
  EXPECT_EQ(Arrive({At(1, 0, "noise"), At(2, 30, "noise")}).size(), 1u) << "the edge belongs to it";
  EXPECT_TRUE(Arrive({At(1, 0, "noise"), At(2, 1, "heat")}).empty());
  EXPECT_TRUE(Arrive({At(1, 0, ""), At(2, 1, "")}).empty()) << "no topic is not the same topic";
  const auto links = Arrive({At(1, 0, "noise", "led-1"), At(2, 1, "heat", "led-1")});
  EXPECT_EQ(links.at(Id(2)).rule, kSameProduct);
}

TEST(Repeats, ATicketThatArrivesLateBecomesTheFirst) {
  const auto links = Arrive({At(2, 10, "noise"), At(3, 12, "noise"), At(1, 0, "noise")});
  ASSERT_EQ(links.size(), 2u);
  EXPECT_EQ(links.at(Id(2)).first, Id(1));
  EXPECT_EQ(links.at(Id(3)).first, Id(1));
}

TEST(Repeats, SayOnlyWhatIsNew) {
  int found = 0;
  Arrive({At(1, 0, "noise"), At(2, 1, "noise"), At(3, 2, "noise"), At(4, 2, "heat")}, &found);
  EXPECT_EQ(found, 2);
}

// The links are a function of the set of tickets: any order of arrival gives the same.
TEST(Repeats, DoNotDependOnTheOrderOfArrival) {
  EXPECT_TRUE(rc::check([] {
    const auto count = *rc::gen::inRange<size_t>(1, 12);
    std::vector<RepeatCandidate> tickets;
    for (size_t i = 0; i < count; ++i) {
      const int day = *rc::gen::inRange(0, 90);
      const auto topic = *rc::gen::element<std::string>("", "a", "b");
      const auto product = *rc::gen::element<std::string>("", "p", "q");
      tickets.push_back(At(static_cast<uint8_t>(i + 1), day, topic, product));
    }
    const auto in_order = Arrive(tickets);
    for (int shuffle = 0; shuffle < 3; ++shuffle) {
      const auto keys =
          *rc::gen::container<std::vector<int>>(tickets.size(), rc::gen::arbitrary<int>());
      std::vector<size_t> order(tickets.size());
      for (size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
      }
      std::sort(order.begin(), order.end(),
                [&](size_t a, size_t b) { return std::tie(keys[a], a) < std::tie(keys[b], b); });
      std::vector<RepeatCandidate> shuffled;
      for (const size_t i : order) {
        shuffled.push_back(tickets[i]);
      }
      RC_ASSERT(Arrive(shuffled) == in_order);
    }
  }));
}

}  // namespace
}  // namespace steward::complaints
