// stewardctl sla escalations.

#include "libs/base/status.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::sla::v1;

std::vector<Arg> AcknowledgeArgs() {
  return {
      Positionals("ESCALATION", "`escalations/{id}` or the id.").Into("names").In("escalations"),
      Option("note", "A remark; kept in the sla service only."),
      Option("on-behalf-of", "For this recipient, by a superior of the recipient.").In("members")};
}

// One goes by its own method, several go all or none.
absl::Status Acknowledge(Session& session, const Args& args) {
  pb::BatchAcknowledgeEscalationsRequest request;
  RETURN_IF_ERROR(FillRequest(AcknowledgeArgs(), args, session.now(), &request));
  if (request.names_size() > 1) {
    pb::BatchAcknowledgeEscalationsResponse response;
    RETURN_IF_ERROR(session.Call("sla.BatchAcknowledgeEscalations", request, &response));
    session.Print(response);
    return absl::OkStatus();
  }
  pb::AcknowledgeEscalationRequest one;
  one.set_name(request.names(0));
  one.set_note(request.note());
  one.set_on_behalf_of(request.on_behalf_of());
  pb::Escalation response;
  RETURN_IF_ERROR(session.Call("sla.AcknowledgeEscalation", one, &response));
  session.Print(response);
  return absl::OkStatus();
}

}  // namespace

void AddEscalations(Tool& tool) {
  tool.Group("sla escalations", "Escalations: raised, and waiting for somebody.");
  const auto name = [] {
    return Positional("ESCALATION", "`escalations/{id}` or the id.").Into("name").In("escalations");
  };
  tool.AddCall(
      "sla escalations list", "sla.ListEscalations", "Escalations by filter, newest first.",
      "stewardctl sla escalations list --filter 'state = \"OPEN\"'",
      {Option("filter", "Terms joined by AND over state recipient policy subject clock level.")});
  tool.AddCall("sla escalations get", "sla.GetEscalation", "One escalation.",
               "stewardctl sla escalations get …-cmc-001-1-1-1", {name()});
  tool.Add({"sla escalations ack",
            "Takes escalations: no further level is raised. The clock goes on.",
            "stewardctl sla escalations ack …-cmc-001-1-1-1 --note 'Calling the customer now'",
            AcknowledgeArgs(), Acknowledge});
  tool.AddCall(
      "sla escalations reassign", "sla.ReassignEscalation",
      "Gives an open escalation to somebody else.",
      "stewardctl sla escalations reassign …-cmc-001-1-1-1 marketing-director --reason 'On the "
      "road today'",
      {name(), Positional("RECIPIENT", "`members/{id}` or the id.").Into("recipient").In("members"),
       Option("reason", "Why.").Needed()});
}

}  // namespace stewardctl
