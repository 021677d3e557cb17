// stewardctl demo: commands that fill a running system with demonstration data.

#include "tools/stewardctl/command.h"
#include "tools/stewardctl/demo_replay.h"

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
        Option("progress", "How progress is shown on stderr (default auto: a bar on a terminal).")
            .Of({"auto", "bar", "json", "none"}),
        Option("shift-file",
               "Where the time shift is kept (default: replay-….json beside the context file).")},
       Replay});
}

}  // namespace stewardctl
