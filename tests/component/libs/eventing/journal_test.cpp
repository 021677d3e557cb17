#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/eventing/relay_session.h"
#include "tests/component/libs/eventing/fixture.h"

namespace steward::eventing {
namespace {

using ::testing::HasSubstr;

class JournalTest : public EventingTest {
 protected:
  NewEvent One(int64_t version) {
    return MakeEvent(ids_, clock_.Now(), "complaints/c1", version, clock_.Now(), AnEvent(1));
  }
  absl::Status AppendOnly(const std::vector<NewEvent>& events,
                          Origin origin = {"members/m1", "c", "", "t"}) {
    return pg::RunInTx(*connection_, {}, [&](pg::Tx& tx) {
      return Append(tx, origin, events, ComplaintsEvent::default_instance());
    });
  }
};

TEST_F(JournalTest, KeepsWhatWasAppendedInOrder) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 3).ok());
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c2").ok());
  auto rows = ReadAggregate(*connection_, "complaints/c1", 0, 10);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*rows)[i].aggregate_version, static_cast<int64_t>(i + 1));
    EXPECT_EQ((*rows)[i].seq, (*rows)[0].seq + static_cast<int64_t>(i));
    EXPECT_EQ((*rows)[i].type, "ticket.first_responded");
    EXPECT_EQ((*rows)[i].actor, "members/m1");
    EXPECT_EQ((*rows)[i].payload, AnEvent(static_cast<int>(i + 1)).SerializeAsString());
  }
  rows = ReadAggregate(*connection_, "complaints/c1", 2, 10);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->size(), 1u);
}

TEST_F(JournalTest, RefusesItsOwnPoison) {
  NewEvent invalid = One(1);
  ComplaintsEvent bad = AnEvent(1);
  bad.mutable_ticket_first_responded()->set_from_state("\xff");
  invalid.payload = bad.SerializeAsString();
  NewEvent large = One(1);
  ComplaintsEvent big = AnEvent(1);
  big.mutable_ticket_first_responded()->set_from_state(std::string(kMaxPayloadBytes, 'x'));
  large.payload = big.SerializeAsString();
  NewEvent misnamed = One(1);
  misnamed.type = "ticket.closed";
  NewEvent empty = One(1);
  empty.payload.clear();
  NewEvent no_version = One(0);
  NewEvent no_aggregate = One(1);
  no_aggregate.aggregate = "";
  NewEvent bad_name = One(1);
  bad_name.aggregate = "a\xff";
  for (const NewEvent& event :
       {invalid, large, misnamed, empty, no_version, no_aggregate, bad_name}) {
    EXPECT_EQ(AppendOnly({One(1), event}).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(AppendOnly({One(1)}, {"members/\xff", "c", "", "t"}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Number("SELECT count(*) FROM journal"), 0);
}

TEST_F(JournalTest, AVersionIsWrittenOnce) {
  ASSERT_TRUE(AppendOnly({One(1)}).ok());
  const absl::Status again = AppendOnly({One(1)});
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(pg::ViolatedConstraint(again), "journal_aggregate_version");
}

TEST_F(JournalTest, ChangesEndBelowTheHorizon) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1").ok());
  auto writer = Connect();
  ASSERT_TRUE(writer->RunScript("BEGIN; SELECT pg_current_xact_id()").ok());
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c2").ok());
  auto rows = ReadChanges(*connection_, {}, "", {}, 10);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 1u);  // the later one could still be preceded by the open transaction
  auto end = EndPosition(*connection_);
  ASSERT_TRUE(end.ok());
  EXPECT_LT((Position{(*rows)[0].xid, (*rows)[0].seq}), *end);
  ASSERT_TRUE(writer->RunScript("COMMIT").ok());
  rows = ReadChanges(*connection_, *end, "", {}, 10);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ((*rows)[0].aggregate, "complaints/c2");
}

TEST_F(JournalTest, ChangesByAggregateAndPrefix) {
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c1", 2).ok());
  ASSERT_TRUE(AppendNext(*connection_, "complaints/c2").ok());
  const auto count = [&](const std::string& aggregate, const std::vector<std::string>& prefixes) {
    auto rows = ReadChanges(*connection_, {}, aggregate, prefixes, 10);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->size() : 99u;
  };
  EXPECT_EQ(count("", {}), 3u);
  EXPECT_EQ(count("complaints/c1", {}), 2u);
  EXPECT_EQ(count("complaints/c1", {"ticket."}), 2u);
  EXPECT_EQ(count("", {"clock.", "ticket.first"}), 3u);
  EXPECT_EQ(count("", {"clock."}), 0u);
}

constexpr char kFill[] =
    "INSERT INTO journal (event_id, aggregate, aggregate_version, type, occurred_at, actor, "
    "correlation, traceparent, payload) SELECT gen_random_uuid(), 'complaints/c', n, 't', now(), "
    "'a', 'c', 't', '\\x00' FROM generate_series(1, 20000) n; ANALYZE journal";

// The relay looks every second: that must not cost more with every event there ever was.
TEST_F(JournalTest, TheBacklogIsCountedByTheIndexAndGuessedWhenLong) {
  Sql(kFill);
  const std::string explain = std::string("EXPLAIN ") + kRelayBacklog.sql;
  auto plan = connection_->Run(Named(explain), {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::string text;
  for (int i = 0; i < plan->rows(); ++i) {
    text += plan->Text(i, 0) + "\n";
  }
  EXPECT_THAT(text, HasSubstr("journal_position on journal"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("Scan on journal j")));
  const auto pending = [&] {
    auto row = connection_->Run(kRelayBacklog, {});
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? row->Int(0, 0) : -1;
  };
  EXPECT_GE(pending(), 10'000);
  Sql("UPDATE journal_cursor SET (xid, seq) = (SELECT xid, seq FROM journal ORDER BY xid DESC, seq "
      "DESC OFFSET 123 LIMIT 1)");
  EXPECT_EQ(pending(), 123);
  Sql("UPDATE journal_cursor SET (xid, seq) = (SELECT xid, seq FROM journal ORDER BY xid DESC, seq "
      "DESC LIMIT 1)");
  EXPECT_EQ(pending(), 0);
}

TEST_F(JournalTest, ThePageIsAnIndexScan) {
  Sql(kFill);
  const std::string explain = std::string("EXPLAIN ") + kRelayReadPage.sql;
  auto plan = connection_->Run(Named(explain), RelayPageParams({1, 1}, 2000));
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::string text;
  for (int i = 0; i < plan->rows(); ++i) {
    text += plan->Text(i, 0) + "\n";
  }
  EXPECT_THAT(text, HasSubstr("Index Scan using journal_position"));
  EXPECT_THAT(text, HasSubstr("ROW(xid, seq) >"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("Sort")));
}

}  // namespace
}  // namespace steward::eventing
