// stewardctl campaigns: every method of the leads service on campaigns.

#include "tools/stewardctl/command.h"

namespace stewardctl {
namespace {

Arg Campaign(std::string field = "name") {
  return Positional("CAMPAIGN", "`campaigns/{uuid}` or the uuid.")
      .Into(std::move(field))
      .In("campaigns");
}

std::vector<Arg> With(std::vector<Arg> args, const std::vector<Arg>& more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

// What a campaign is made of, but for its kind.
std::vector<Arg> Fields() {
  return {
      Option("title", "Title in English or Latin letters.").Into("campaign.title"),
      Option("title-zh", "Title in Chinese.").Into("campaign.title_zh"),
      Option("goal", "What it is to reach.").Into("campaign.goal"),
      Option("description", "What will be done.").Into("campaign.description"),
      Option("owner", "`members/{id}`.").Into("campaign.owner").In("members"),
      Option("team", "`teams/{id}`.").Into("campaign.team").In("teams"),
      Option("region", "Region code.").Into("campaign.region"),
      Option("budget", "What it may cost: an amount with its currency, 50000.00CNY.")
          .Into("campaign.budget"),
      Option("start", "When it is to begin: a time, or +48h.").Into("campaign.planned_start_time"),
      Option("end", "When it is to end.").Into("campaign.planned_end_time")};
}

// What every command on a campaign may say besides.
std::vector<Arg> Change(const std::vector<Arg>& more = {}) {
  return With(
      {Campaign()},
      With(more, {Option("occurred-at", "When it happened: a time, or -10m (default: now)."),
                  Option("reason", "Why."),
                  Option("etag", "Refuse when the campaign has changed since.")}));
}

void AddReads(Tool& tool) {
  tool.AddCall("campaigns get", "leads.GetCampaign", "One campaign.",
               "stewardctl campaigns get 0190d9a0-…", {Campaign()});
  tool.AddCall(
      "campaigns list", "leads.ListCampaigns", "Campaigns by filter, newest first.",
      "stewardctl campaigns list --filter 'kind = \"offline_event\" AND state != \"CANCELLED\"' "
      "--order-by planned_start_time",
      {Option("filter",
              "Terms joined by AND over kind state owner team region planned_start_time "
              "planned_end_time create_time update_time."),
       Option("order-by", "Order.")
           .Of({"create_time desc", "create_time", "planned_start_time desc",
                "planned_start_time"})});
  tool.AddCall("campaigns history", "leads.ListCampaignHistory",
               "Who changed what, when; of texts it is said that they changed.",
               "stewardctl campaigns history 0190d9a0-…", {Campaign("parent")});
  tool.AddCall("campaigns kinds", "leads.ListCampaignKinds", "The kinds of campaigns as a tree.",
               "stewardctl campaigns kinds", {});
}

void AddSteps(Tool& tool) {
  const struct {
    const char *verb, *method, *help;
  } steps[] = {{"approve", "ApproveCampaign", "Approves the budget."},
               {"rehearse", "RecordRehearsal", "It was rehearsed."},
               {"start", "StartCampaign", "It has begun."},
               {"end", "EndCampaign", "It is over; the recap is due."},
               {"archive", "ArchiveCampaign", "Puts it away as an example."},
               {"cancel", "CancelCampaign", "Calls it off before it began."}};
  for (const auto& step : steps) {
    const std::string path = std::string("campaigns ") + step.verb;
    tool.AddCall(path, std::string("leads.") + step.method, step.help,
                 "stewardctl " + path + " 0190d9a0-…\n" + "stewardctl " + path +
                     " 0190d9a0-… --occurred-at -2h --reason 'Told by phone'",
                 Change());
  }
  tool.AddCall("campaigns recap", "leads.SubmitCampaignRecap", "The recap is written.",
               "stewardctl campaigns recap 0190d9a0-… files/recap-2026-05.pdf",
               Change({Positional("RECAP", "Where the recap is kept.").Into("recap")}));
  tool.AddCall("campaigns results", "leads.RecordCampaignResults",
               "What it brought, as far as known; what is not given stays.",
               "stewardctl campaigns results 0190d9a0-… --cost 40000CNY --revenue 130000CNY",
               Change({Option("cost", "What it cost, 40000.00CNY.").Into("results.cost"),
                       Option("revenue", "What it earned.").Into("results.revenue"),
                       Option("leads", "Leads that came of it; an importer's, others are counted.")
                           .Into("results.leads"),
                       Option("converted-leads", "Of these, how many became opportunities.")
                           .Into("results.converted_leads"),
                       Option("new-customers", "Customers who were none before.")
                           .Into("results.new_customers")}));
}

}  // namespace

void AddCampaigns(Tool& tool) {
  tool.Group("campaigns", "Campaigns: planned, approved, held, looked back on; results, history.");
  tool.AddCall(
      "campaigns create", "leads.CreateCampaign", "Plans a campaign.",
      "stewardctl campaigns create --kind trade_fair --title 'Spring fair' --title-zh 春季展会 "
      "--budget 50000CNY --start +240h --end +288h --owner agent-east-1",
      With({Option("kind", "Kind; see `campaigns kinds`.").Into("campaign.kind").Needed()},
           With(Fields(),
                {Option("occurred-at", "When it was planned: a time, or -2h (default: now).")})));
  AddReads(tool);
  tool.AddCall(
      "campaigns update", "leads.UpdateCampaign",
      "Changes what is given, all or none; another budget needs another approval.",
      "stewardctl campaigns update 0190d9a0-… --start 2026-05-01T01:00:00Z --end "
      "2026-05-03T10:00:00Z\n"
      "stewardctl campaigns update 0190d9a0-… --budget 60000CNY",
      With({Campaign("campaign.name")},
           With(Fields(), {OptionList("clear", "Field to empty.").Into("update_mask.paths"),
                           Option("etag", "Refuse when the campaign has changed since.")
                               .Into("campaign.etag")})));
  AddSteps(tool);
}

}  // namespace stewardctl
