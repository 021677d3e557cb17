// stewardctl measures: what has happened, in numbers.

#include "tools/stewardctl/command.h"

namespace stewardctl {
namespace {

std::vector<Arg> Query() {
  return {Positional("MEASURE", "Measure; see `measures list`.").Into("measure"),
          Positional("SUBJECT",
                     "`members/{id}`, `teams/{id}`, `regions/{code}`, `customers/{id}` or "
                     "`company`.")
              .Into("subject"),
          Option("first-day", "First day, `2026-01-01`.").Needed(),
          Option("last-day", "Last day, counted too.").Needed(),
          Option("qualifier", "Only this policy, kind, channel ... or what lies below it.")};
}

}  // namespace

void AddMeasures(Tool& tool) {
  tool.Group("measures", "What has happened, in numbers.");
  tool.AddCall("measures list", "scoring.ListMeasures", "Everything that is counted.",
               "stewardctl measures list", {});
  tool.AddCall("measures get", "scoring.GetMeasure", "A measure of a subject over some days.",
               "stewardctl measures get sales_amount regions/east --first-day 2026-01-01 "
               "--last-day 2026-03-31",
               Query());
  tool.AddCall("measures facts", "scoring.ListFacts", "The facts behind it, oldest first.",
               "stewardctl measures facts sales_amount members/li --first-day 2026-01-01 "
               "--last-day 2026-03-31",
               Query());
}

}  // namespace stewardctl
