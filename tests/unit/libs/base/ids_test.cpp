#include "libs/base/ids.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "libs/base/status.h"

namespace steward {
namespace {

const Time kNow{1'767'322'930'123'456};

int64_t MillisOf(const Uuid& id) {
  int64_t millis = 0;
  for (int i = 0; i < 6; ++i) {
    millis = millis << 8 | id.bytes[static_cast<size_t>(i)];
  }
  return millis;
}

TEST(Uuid, PrintsAndParses) {
  const char* text = "019bd2c5-7a3e-7cc1-8f0b-2f4a1f0e6d11";
  EXPECT_EQ(Uuid::Parse(text).value().ToString(), text);
  EXPECT_EQ(Uuid::Parse("019BD2C5-7A3E-7CC1-8F0B-2F4A1F0E6D11").value().ToString(), text);
  EXPECT_EQ(Uuid{}.ToString(), "00000000-0000-0000-0000-000000000000");
}

TEST(Uuid, RefusesWhatIsNone) {
  for (const char* text :
       {"", "019bd2c5", "019bd2c57a3e7cc18f0b2f4a1f0e6d11", "019bd2c5-7a3e-7cc1-8f0b-2f4a1f0e6d1g",
        "019bd2c5-7a3e-7cc1-8f0b-2f4a1f0e6d111", "{19bd2c5-7a3e-7cc1-8f0b-2f4a1f0e6d1}",
        "019bd2c5x7a3e-7cc1-8f0b-2f4a1f0e6d11"}) {
    EXPECT_FALSE(Uuid::Parse(text).ok()) << text;
  }
}

RC_GTEST_PROP(UuidProperty, ParseUndoesPrint, ()) {
  Uuid id;
  for (uint8_t& byte : id.bytes) {
    byte = *rc::gen::arbitrary<uint8_t>();
  }
  RC_ASSERT(Uuid::Parse(id.ToString()).value() == id);
}

TEST(IdGenerator, HasTheLayoutOfVersion7) {
  RandomIdGenerator ids;
  Uuid id = ids.NewId(kNow);
  EXPECT_EQ(MillisOf(id), kNow.micros / 1'000);
  EXPECT_EQ(id.bytes[6] >> 4, 7);
  EXPECT_EQ(id.bytes[8] >> 6, 2);
}

TEST(IdGenerator, IsOrderedInsideAMillisecondAndWhenTheClockStepsBack) {
  RandomIdGenerator ids;
  Uuid last = ids.NewId(kNow);
  for (int i = 0; i < 20'000; ++i) {
    Uuid next = ids.NewId(i % 3 == 0 ? kNow - Seconds(5) : kNow);
    ASSERT_LT(last, next) << i;
    ASSERT_EQ(next.bytes[6] >> 4, 7);
    last = next;
  }
  EXPECT_LE(MillisOf(last), kNow.micros / 1'000 + 10)
      << "ids run ahead of the clock by the overflow only";
}

TEST(IdGenerator, NeverRepeatsAcrossThreads) {
  RandomIdGenerator ids;
  std::vector<std::vector<Uuid>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i) {
        mine.push_back(ids.NewId(kNow));
      }
    });
  }
  std::set<Uuid> all;
  for (size_t i = 0; i < threads.size(); ++i) {
    threads[i].join();
    EXPECT_TRUE(std::is_sorted(made[i].begin(), made[i].end()));
    all.insert(made[i].begin(), made[i].end());
  }
  EXPECT_EQ(all.size(), 8'000u);
}

TEST(IdGenerator, SameSeedSameSequence) {
  SeededIdGenerator a(42);
  SeededIdGenerator b(42);
  SeededIdGenerator other(43);
  for (int i = 0; i < 100; ++i) {
    Uuid id = a.NewId(kNow);
    EXPECT_EQ(id, b.NewId(kNow));
    EXPECT_NE(id, other.NewId(kNow));
  }
}

TEST(CheckName, TakesDnsSafeIds) {
  EXPECT_TRUE(CheckName("name", "customers", "customers/acme-7").ok());
  EXPECT_TRUE(CheckName("name", "customers", "customers/a").ok());
  EXPECT_TRUE(CheckName("name", "customers", "customers/" + std::string(63, 'x')).ok());
  EXPECT_TRUE(CheckName("name", "orders/o1/lineItems", "orders/o1/lineItems/2").ok());
}

TEST(CheckName, NamesTheFieldOtherwise) {
  for (const std::string& name :
       {std::string("customers"), std::string("customers/"), std::string("customer/a"),
        std::string("customersx/a"), std::string("customers/A"), std::string("customers/-a"),
        std::string("customers/a-"), std::string("customers/a_b"), std::string("customers/a/b"),
        std::string("customers/\xE4\xB8\xAD"), std::string("customers/a\0", 12),
        "customers/" + std::string(64, 'x')}) {
    absl::Status status = CheckName("ticket.customer", "customers", name);
    ASSERT_FALSE(status.ok()) << name;
    EXPECT_EQ(RefusalOf(status)->fields.at(0).field, "ticket.customer");
  }
}

// Advisory locks of running replicas and shards of stored timers depend on these values: they never change.
TEST(StableHash, IsPinned) {
  EXPECT_EQ(StableHash(""), 0xefd01f60ba992926ULL);
  EXPECT_EQ(StableHash("a"), 0x82a2a958a9bece5bULL);
  EXPECT_EQ(StableHash("customers/acme-7"), 0x636b4b518a68d939ULL);
  EXPECT_EQ(StableHash("tickets/019bd2c5-7a3e-7cc1-8f0b-2f4a1f0e6d11"), 0x4a8b69a12b392335ULL);
  EXPECT_EQ(StableHash(std::string_view("\0\xff", 2)), 0xacb64f88d28b68b8ULL);
}

}  // namespace
}  // namespace steward
