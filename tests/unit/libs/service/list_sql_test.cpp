#include "libs/service/list_sql.h"

#include <gtest/gtest.h>

namespace steward::service {
namespace {

constexpr std::string_view kColumns[] = {"owner"};

std::string Text(bool by_update_time, bool ascending) {
  ListSql sql("SELECT x FROM t WHERE true");
  sql.OneOf("t.", kColumns).AnyOf("kind").Between("at").WhereNot("tags", "&&", "text[]");
  return sql.OrderBy(by_update_time ? "update_time" : "at", "id", "uuid", ascending);
}

TEST(ListSql, NumbersParametersInTheOrderOfItsConditions) {
  EXPECT_EQ(Text(false, false),
            "SELECT x FROM t WHERE true"
            " AND ($4::text IS NULL OR t.owner = ($4::text)) AND t.owner <> ALL($5::text[])"
            " AND ($6::text[] IS NULL OR kind = ANY ($6::text[])) AND kind <> ALL($7::text[])"
            " AND at >= $8::timestamptz AND at <= $9::timestamptz AND NOT tags && $10::text[]"
            " AND ($11::timestamptz IS NULL OR (at, id) < ($11::timestamptz, $12::uuid))"
            " ORDER BY at DESC, id DESC LIMIT $13::bigint");
}

TEST(ListSql, EachOrderIsAStatementOfItsOwn) {
  const ListStatements list("list_created", "list_updated", Text);
  EXPECT_STREQ(list.Of(false, false).name, "list_created_desc");
  EXPECT_STREQ(list.Of(false, true).name, "list_created");
  EXPECT_STREQ(list.Of(true, false).name, "list_updated_desc");
  EXPECT_STREQ(list.Of(true, true).name, "list_updated");
  EXPECT_EQ(list.Of(true, true).sql, Text(true, true));
}

TEST(ListSql, AValueThatIsNotAskedForIsAbsent) {
  pg::Params params = ReachParams({.all = true, .members = {}, .teams = {}});
  AddOneOf(params, kColumns, {}, {{"owner", {"members/ada"}}});
  AddPlace(params, std::optional<std::pair<Time, Uuid>>(), 3);
  ASSERT_EQ(params.values().size(), 8u);
  EXPECT_FALSE(params.values()[3].bytes);
  EXPECT_TRUE(params.values()[4].bytes);
  EXPECT_FALSE(params.values()[5].bytes);
  EXPECT_FALSE(params.values()[6].bytes);
}

}  // namespace
}  // namespace steward::service
