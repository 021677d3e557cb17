// stewardctl demo: commands that fill a running system with demonstration data.

#include "tools/stewardctl/command.h"
#include "tools/stewardctl/demo_replay.h"
#include "tools/stewardctl/demo_sales.h"

namespace stewardctl {

void AddDemo(Tool& tool) {
  tool.Group("demo", "Demonstration data for a running system.");
  const std::string files =
      "deploy/demo/incident_log/incident_event_log.csv --mapping "
      "deploy/demo/incident_log/mapping.yaml";
  tool.Add(
      {"demo replay",
       "Registers the tickets of a CSV file with their whole past, moved in time so that it ends "
       "now. "
       "Done again, it changes nothing.",
       "stewardctl demo replay " + files + "\nstewardctl demo replay " + files +
           " --output json --quiet",
       {Positional("FILE", "CSV, one row a change of a ticket."),
        Option("mapping", "YAML: which column says what, and what its words are here.").Needed(),
        Option("customers",
               "CSV with a column `account`: the tickets are spread over these customers."),
        Option("progress", "How progress is shown on stderr (default auto: a bar on a terminal).")
            .Of({"auto", "bar", "json", "none"}),
        Option("shift-file",
               "Where the time shift is kept (default: replay-….json beside the context file).")},
       Replay});
  tool.Add(
      {"demo sales",
       "Sends real-shaped sales data through the public APIs: customers, opportunities, leads, "
       "contracts, orders, payments. Done again with the same day, it changes nothing.",
       "stewardctl demo sales deploy/demo/sales --finance-token-file .run/finance-desk.token",
       {Positional("FOLDER", "Folder of the four files, see its README."),
        Option("finance-token-file",
               "Token of `members/finance-desk`, who approves contracts and signs orders.")
            .Needed(),
        Option("today", "The day that the data is moved up to, `YYYY-MM-DD` (default today)."),
        Option("zone", "The company's time zone (default Asia/Shanghai)."),
        Option("limit", "Only so many rows of sales_pipeline.csv (default all)."),
        Option("progress", "How progress is shown on stderr (default auto: a bar on a terminal).")
            .Of({"auto", "bar", "json", "none"})},
       LoadSales});
}

}  // namespace stewardctl
