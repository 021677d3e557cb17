// stewardctl tickets: every method of the complaints service.

#include "tools/stewardctl/command.h"

namespace stewardctl {
namespace {

Arg Ticket(std::string field = "name") {
  return Positional("TICKET", "`complaints/{uuid}` or the uuid.")
      .Into(std::move(field))
      .In("complaints");
}

// What every command on a ticket may say besides.
std::vector<Arg> Change(std::vector<Arg> args) {
  args.insert(args.begin(), Ticket());
  args.push_back(Option("occurred-at", "When it happened: a time, or -10m (default: now)."));
  args.push_back(Option("reason", "Why; needed when it happened more than 10 minutes ago."));
  args.push_back(Option("etag", "Refuse when the ticket has changed since."));
  return args;
}

void AddIntake(Tool& tool) {
  tool.AddCall(
      "tickets register", "complaints.RegisterTicket", "Takes a ticket in.",
      "stewardctl tickets register --kind complaint --customer c-1 --summary 'Kiosk does not "
      "start'\n"
      "stewardctl tickets register --kind complaint --severity major --channel hotline "
      "--occurred-at -2h",
      {Option("kind", "Kind; see `tickets kinds`.").Into("ticket.kind").Needed(),
       Option("severity", "Severity on the kind's scale (default: its mildest).")
           .Into("ticket.severity"),
       Option("channel", "Intake channel (default api).").Into("ticket.channel").Else("api"),
       Option("external-id", "Id in the intake system; with the channel it names one ticket.")
           .Into("ticket.external_id"),
       Option("customer", "`customers/{id}` or the id.").Into("ticket.customer").In("customers"),
       OptionList("tier", "Tier of the customer, `scheme:tier`.").Into("ticket.customer_tiers"),
       Option("partner", "`partners/{id}`.").Into("ticket.partner").In("partners"),
       Option("product", "Product code.").Into("ticket.product"),
       Option("order", "`orders/{id}`.").Into("ticket.order").In("orders"),
       Option("serial-number", "Serial number of the goods.").Into("ticket.serial_number"),
       Option("topic", "Topic code.").Into("ticket.topic"),
       Option("owner", "`members/{id}`.").Into("ticket.owner").In("members"),
       Option("team", "`teams/{id}`.").Into("ticket.team").In("teams"),
       Option("region", "Region code.").Into("ticket.region"),
       Option("summary", "One line for people.").Into("ticket.summary"),
       Option("description", "The matter in full.").Into("ticket.description"),
       Option("occurred-at", "When it was raised: a time, or -2h (default: now).")
           .Into("ticket.occurred_at")});
}

void AddReads(Tool& tool) {
  tool.AddCall(
      "tickets get", "complaints.GetTicket", "One ticket with its clocks.",
      "stewardctl tickets get 0190d9a0-…",
      {Ticket(), Option("view", "How much (default full).").Of({"basic", "full"}).Else("full")});
  tool.AddCall(
      "tickets list", "complaints.ListTickets", "Tickets by filter, newest first.",
      "stewardctl tickets list --filter 'kind = \"complaint\" AND state != \"CLOSED\"'",
      {Option(
           "filter",
           "Terms joined by AND over kind severity state channel customer owner team region ..."),
       Option("order-by", "Order.")
           .Of({"recorded_at desc", "recorded_at", "occurred_at desc", "occurred_at"})});
  tool.AddCall("tickets history", "complaints.ListTicketHistory",
               "Who changed what, when, from what to what.",
               "stewardctl tickets history 0190d9a0-…", {Ticket("parent")});
  tool.AddCall("tickets notes", "complaints.ListTicketNotes", "Notes of a ticket, newest first.",
               "stewardctl tickets notes 0190d9a0-…", {Ticket("parent")});
  tool.AddCall("tickets kinds", "complaints.ListTicketKinds",
               "The kinds of tickets with their severities.", "stewardctl tickets kinds", {});
}

void AddMilestones(Tool& tool) {
  const struct {
    const char *verb, *method, *help;
  } milestones[] = {
      {"respond", "RecordFirstResponse", "The customer has had a first answer."},
      {"propose", "ProposeSolution", "A written solution was put to the customer."},
      {"resolve", "ResolveTicket", "The matter is solved."},
      {"verify", "VerifyTicket", "The customer confirmed the solution."},
      {"close", "CloseTicket", "Closes the loop."},
      {"reopen", "ReopenTicket", "Opens a closed ticket again."},
  };
  for (const auto& milestone : milestones) {
    tool.AddCall(std::string("tickets ") + milestone.verb,
                 std::string("complaints.") + milestone.method, milestone.help,
                 std::string("stewardctl tickets ") + milestone.verb + " 0190d9a0-…", Change({}));
  }
  tool.AddCall("tickets milestone", "complaints.RecordMilestone",
               "Records a milestone that has no command of its own.",
               "stewardctl tickets milestone 0190d9a0-… opinion.alert_responded",
               Change({Positional("TYPE", "Milestone.")
                           .Into("type")
                           .Of({"opinion.alert_responded", "opinion.graded_response_started",
                                "opinion.crisis_started", "opinion.responded", "opinion.recovered",
                                "review.replied"})}));
}

void AddChanges(Tool& tool) {
  tool.AddCall(
      "tickets assign", "complaints.AssignTicket", "Gives the ticket an owner.",
      "stewardctl tickets assign 0190d9a0-… agent-east-1",
      Change({Positional("OWNER", "`members/{id}` or the id.").Into("owner").In("members")}));
  tool.AddCall(
      "tickets transfer", "complaints.TransferTicket", "Hands the ticket to another team.",
      "stewardctl tickets transfer 0190d9a0-… customer-service-south --owner agent-south-1",
      Change({Positional("TEAM", "`teams/{id}` or the id.").Into("team").In("teams"),
              Option("owner", "New owner, `members/{id}`.").In("members"),
              Option("region", "New region.")}));
  const std::vector<std::string> causes = {"waiting_customer", "waiting_parts",
                                           "waiting_third_party", "other"};
  tool.AddCall("tickets hold", "complaints.HoldTicket", "Puts the ticket on hold.",
               "stewardctl tickets hold 0190d9a0-… waiting_customer",
               Change({Positional("CAUSE", "Cause.").Into("cause").Of(causes)}));
  tool.AddCall("tickets resume", "complaints.ResumeTicket", "Ends one cause of a hold.",
               "stewardctl tickets resume 0190d9a0-… waiting_customer",
               Change({Positional("CAUSE", "Cause.").Into("cause").Of(causes)}));
  tool.AddCall(
      "tickets cancel", "complaints.CancelTicket",
      "Withdraws the ticket; its clocks are cancelled.",
      "stewardctl tickets cancel 0190d9a0-… duplicate",
      Change(
          {Positional("WHY", "Why.").Into("cancel_reason").Of({"duplicate", "spam", "mistake"})}));
  tool.AddCall("tickets severity", "complaints.ChangeTicketSeverity", "Changes the severity.",
               "stewardctl tickets severity 0190d9a0-… major",
               Change({Positional("SEVERITY", "New severity.").Into("severity")}));
  tool.AddCall("tickets kind", "complaints.ChangeTicketKind", "Changes the kind.",
               "stewardctl tickets kind 0190d9a0-… quality_complaint",
               Change({Positional("KIND", "New kind.").Into("kind"),
                       Option("severity", "Severity on its scale.")}));
  tool.AddCall("tickets note", "complaints.CreateTicketNote", "Adds a note.",
               "stewardctl tickets note 0190d9a0-… 'Called back, no answer'",
               {Ticket("parent"), Positional("TEXT", "The note.").Into("note.text")});
}

}  // namespace

void AddTickets(Tool& tool) {
  tool.Group("tickets", "Tickets: intake, milestones, holds, transfer, closing, history.");
  AddIntake(tool);
  AddReads(tool);
  AddMilestones(tool);
  AddChanges(tool);
}

}  // namespace stewardctl
