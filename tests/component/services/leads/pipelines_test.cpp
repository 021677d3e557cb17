#include "services/leads/api/pipelines.h"

#include "tests/component/services/leads/fixture.h"

namespace steward::leads {
namespace {

class PipelinesOfLeads : public LeadsTest {};

TEST_F(PipelinesOfLeads, TheShippedOneIsTheDefaultOfTheDomain) {
  auto db = pg::Connection::Open(options);
  ASSERT_TRUE(db.ok()) << db.status();
  Pipelines pipelines;
  const auto found = pipelines.Find(**db, "default", 1, Seconds(5));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)->spec(), DefaultPipeline());
  EXPECT_EQ(*pipelines.Find(**db, "default", 1, Seconds(5)), *found);  // kept
  EXPECT_EQ(pipelines.Find(**db, "default", 2, Seconds(5)).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace steward::leads
