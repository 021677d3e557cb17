// stewardctl sla calendar: calendars as files.

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "steward/sla/v1/sla_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/table.h"
#include "tools/stewardctl/versioned.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

namespace pb = steward::sla::v1;

absl::Status Apply(Session& session, const Args& args) {
  Table table{{"CALENDAR", "OUTCOME"}, {}};
  for (const std::string& file : args.Texts("FILE")) {
    pb::Calendar wanted;
    RETURN_IF_ERROR(ReadMessageFile(file, &wanted));
    ASSIGN_OR_RETURN(const std::string outcome,
                     ApplyVersioned(session, wanted, {.activate = true}));
    table.rows.push_back({wanted.name(), outcome});
  }
  session.Print(table);
  return absl::OkStatus();
}

std::string HoursText(const google::protobuf::RepeatedPtrField<pb::Interval>& intervals) {
  std::string text;
  for (const pb::Interval& interval : intervals) {
    text += (text.empty() ? "" : ", ") + interval.open() + "-" + interval.close();
  }
  return text.empty() ? "closed" : text;
}

std::string NameText(const google::protobuf::Map<std::string, std::string>& names) {
  const auto zh = names.find("zh-Hans"), en = names.find("en");
  return (zh == names.end() ? "" : zh->second + " ") + (en == names.end() ? "" : en->second);
}

// Weekly hours, and the dates of one year that have others.
absl::Status Show(Session& session, const Args& args) {
  pb::GetCalendarRequest get;
  get.set_name(args.Text("CALENDAR").find('/') == std::string::npos
                   ? "calendars/" + args.Text("CALENDAR")
                   : args.Text("CALENDAR"));
  pb::Calendar calendar;
  RETURN_IF_ERROR(session.Call("sla.GetCalendar", get, &calendar));
  if (session.json()) {
    session.Print(calendar);
    return absl::OkStatus();
  }
  const std::string year = args.Text("year", steward::FormatTime(session.now()).substr(0, 4));
  Table week{{"DAY", "HOURS"}, {}};
  for (const pb::WeekdayHours& day : calendar.weekly_hours()) {
    week.rows.push_back({day.weekday(), HoursText(day.intervals())});
  }
  std::vector<std::vector<std::string>> dates;
  for (const pb::Holiday& holiday : calendar.holidays()) {
    dates.push_back({holiday.date(), "closed", "holiday", NameText(holiday.display_names())});
  }
  for (const pb::DateOverride& date : calendar.overrides()) {
    const auto& hours =
        date.make_up() && date.intervals().empty() ? calendar.make_up_hours() : date.intervals();
    dates.push_back({date.date(), HoursText(hours), date.make_up() ? "make-up day" : "exception",
                     NameText(date.display_names())});
  }
  std::erase_if(dates, [&](const auto& row) { return !row[0].starts_with(year); });
  std::sort(dates.begin(), dates.end());
  const std::string heading = calendar.name() + " version " + std::to_string(calendar.version()) +
                              ", " + calendar.time_zone() + "\n\n";
  session.Write(heading + Render(week, session.options().color) + "\n" +
                Render({{"DATE", "HOURS", "WHY", "NAME"}, dates}, session.options().color));
  return absl::OkStatus();
}

}  // namespace

void AddCalendars(Tool& tool) {
  tool.Group("sla calendar", "Business calendars.");
  const auto name = [] {
    return Positional("CALENDAR", "`calendars/{id}` or the id.").Into("name").In("calendars");
  };
  tool.AddCall("sla calendar list", "sla.ListCalendars", "Calendars with their active versions.",
               "stewardctl sla calendar list", {});
  tool.AddCall("sla calendar get", "sla.GetCalendar", "One calendar, whole.",
               "stewardctl sla calendar get cn-mainland --output json",
               {name(), Option("version", "Version (default: the active one).")});
  tool.Add({"sla calendar show",
            "Weekly hours, holidays and make-up days of a year.",
            "stewardctl sla calendar show cn-mainland --year 2026",
            {name(), Option("year", "Year (default: this one).")},
            Show});
  tool.Add({"sla calendar apply",
            "Makes stored calendars what the files say: created, next version, or unchanged.",
            "stewardctl sla calendar apply services/sla/calendars/cn-mainland.json",
            {Positionals("FILE", "Calendar in YAML or JSON; `-` reads the standard input.")},
            Apply});
  tool.AddCall("sla calendar activate", "sla.ActivateCalendar",
               "Makes a version the one that new clocks use.",
               "stewardctl sla calendar activate cn-mainland 2",
               {name(), Positional("VERSION", "Version.").Into("version"),
                Option("mode", "What happens to open clocks (default new_only).")
                    .Of({"new_only", "prospective", "retroactive"})
                    .Else("new_only")});
}

}  // namespace stewardctl
