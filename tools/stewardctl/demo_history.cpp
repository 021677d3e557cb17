#include "tools/stewardctl/demo_history.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"

namespace stewardctl {
namespace {

using steward::Time;

constexpr char kFirstResponded[] = "ticket.first_responded";
constexpr char kResolved[] = "ticket.resolved";
constexpr char kVerified[] = "ticket.verified";
constexpr char kClosed[] = "ticket.closed";
constexpr char kReopened[] = "ticket.reopened";

// A row that could be read. Empty text = not known.
struct Row {
  int line = 0;
  std::string number;
  int64_t order = 0, reopenings = 0;
  Time time, raised;
  const Mapping::State* state = nullptr;
  std::string channel, severity, group, person, summary;
};

// Looks into one row of the file; keeps the first thing that is wrong.
class RowReader {
 public:
  RowReader(const Csv& csv, const Mapping& mapping, const CsvRow& row)
      : csv_(csv), mapping_(mapping), row_(row) {}

  std::optional<Row> Read() {
    if (row_.cells.size() != csv_.header.size()) {
      Wrong("row", "has " + std::to_string(row_.cells.size()) + " cells, the header has " +
                       std::to_string(csv_.header.size()));
      return std::nullopt;
    }
    const Mapping::Columns& columns = mapping_.columns;
    Row row;
    row.line = row_.line;
    row.number = Required(columns.number);
    row.order = Number(columns.order);
    row.time = When(columns.time);
    row.raised = When(columns.raised);
    row.state = StateOf(columns.state);
    row.reopenings = columns.reopenings.empty() ? 0 : Number(columns.reopenings);
    row.channel = Word(columns.channel, mapping_.channels);
    row.severity = Word(columns.severity, mapping_.severities);
    row.group = Known(columns.group);
    row.person = Known(columns.person);
    row.summary = Filled(mapping_.summary);
    return bad_ ? std::nullopt : std::optional(std::move(row));
  }
  const std::optional<BadRow>& bad() const { return bad_; }
  // The ticket that the row belongs to, also of a bad row, where it can be known.
  std::string number() const {
    const auto column = csv_.Column(mapping_.columns.number);
    return column && *column < row_.cells.size() ? row_.cells[*column] : "";
  }

 private:
  void Wrong(const std::string& field, const std::string& reason) {
    if (!bad_) {
      bad_ = BadRow{row_.line, field, reason};
    }
  }
  std::string Known(const std::string& column) const {
    const auto at = csv_.Column(column);
    const std::string cell = at ? row_.cells[*at] : "";
    return cell == mapping_.unknown ? "" : cell;
  }
  std::string Required(const std::string& column) {
    std::string text = Known(column);
    if (text.empty()) {
      Wrong(column, "is not known");
    }
    return text;
  }
  int64_t Number(const std::string& column) {
    const std::string text = Required(column);
    int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || at != end || number < 0) {
      Wrong(column, "`" + text + "` is no count");
    }
    return number;
  }
  Time When(const std::string& column) {
    const auto time = ParseFileTime(Required(column), mapping_.time_format);
    if (!time.ok()) {
      Wrong(column, std::string(time.status().message()));
    }
    return time.ok() ? *time : Time{};
  }
  const Mapping::State* StateOf(const std::string& column) {
    const std::string text = Required(column);
    const auto found = mapping_.states.find(text);
    if (found == mapping_.states.end()) {
      Wrong(column, "`" + text + "` is no state that the mapping names");
      return nullptr;
    }
    return &found->second;
  }
  std::string Word(const std::string& column, const std::map<std::string, std::string>& words) {
    const std::string text = Known(column);
    const auto found = words.find(text);
    if (!text.empty() && found == words.end()) {
      Wrong(column, "`" + text + "` is no word that the mapping names");
    }
    return found == words.end() ? "" : found->second;
  }
  std::string Filled(std::string text) const {
    for (size_t at = 0; (at = text.find('{', at)) != std::string::npos;) {
      const size_t end = text.find('}', at);
      if (end == std::string::npos) {
        break;
      }
      const std::string value = Known(text.substr(at + 1, end - at - 1));
      text.replace(at, end - at + 1, value.empty() ? "-" : value);
      at += std::max<size_t>(value.size(), 1);
    }
    return text;
  }

  const Csv& csv_;
  const Mapping& mapping_;
  const CsvRow& row_;
  std::optional<BadRow> bad_;
};

template <class Value>
const Value& Choice(const std::vector<Value>& values, const std::string& word) {
  return values[steward::StableHash(word) % values.size()];
}

// Tells the rows of one ticket, in order, as facts that the service takes.
class Teller {
 public:
  Teller(const Mapping& mapping, const std::vector<Row>& rows) : mapping_(mapping) {
    const Row& first = rows.front();
    ticket_.line = first.line;
    ticket_.number = first.number;
    ticket_.channel = first.channel.empty() ? mapping.channel : first.channel;
    ticket_.severity = first.severity;
    ticket_.summary = first.summary;
    ticket_.raised = previous_ = first.raised;
    reopenings_ = first.reopenings;
    const auto known =
        std::find_if(rows.begin(), rows.end(), [](const Row& row) { return !row.group.empty(); });
    Place(known == rows.end() ? first.number : known->group, first.person);
    ticket_.team = team_;
    ticket_.owner = owner_;
  }

  void Tell(const Row& row) {
    const size_t before = ticket_.facts.size();
    const bool back = row.time < previous_;
    at_ = std::max(row.time, previous_);
    if (row.reopenings > reopenings_ && reached_.contains(kResolved)) {
      Add({kReopened, at_});
      reached_.clear();
    }
    reopenings_ = row.reopenings;
    if (!reached_.contains(kClosed)) {
      TellPlace(row);
      TellHold(row.state->hold);
    }
    for (const std::string& milestone : row.state->reaches) {
      if (reached_.insert(milestone).second) {
        Add({milestone, at_});
      }
    }
    moved_rows_ += back && ticket_.facts.size() > before ? 1 : 0;
  }

  PastTicket Take() { return std::move(ticket_); }
  int moved_rows() const { return moved_rows_; }

 private:
  void Add(PastTicket::Fact fact) {
    previous_ = fact.at;
    ticket_.facts.push_back(std::move(fact));
  }

  // A group is one team, a person one of its owners, always the same; an unknown person leaves the owner.
  void Place(const std::string& group, const std::string& person) {
    if (mapping_.teams.empty()) {
      return;
    }
    const Mapping::Team& team = Choice(mapping_.teams, group);
    if (team.team != team_ || !person.empty()) {
      owner_ = Choice(team.owners, person.empty() ? ticket_.number : person);
    }
    team_ = team.team;
    group_ = group;
  }
  void TellPlace(const Row& row) {
    const std::string team = team_, owner = owner_;
    Place(row.group.empty() ? group_ : row.group, row.person);
    if (team_ != team) {
      Add({"ticket.transferred", at_, "", owner_, team_});
    } else if (owner_ != owner) {
      Add({"ticket.assigned", at_, "", owner_});
    }
  }
  void TellHold(const std::string& cause) {
    if (cause == hold_) {
      return;
    }
    if (!hold_.empty()) {
      Add({"ticket.resumed", at_, hold_});
    }
    if (!cause.empty()) {
      Add({"ticket.held", at_, cause});
    }
    hold_ = cause;
  }

  const Mapping& mapping_;
  PastTicket ticket_;
  Time previous_, at_;
  std::set<std::string> reached_;  // in the ticket's cycle
  std::string hold_, group_, team_, owner_;
  int64_t reopenings_ = 0;
  int moved_rows_ = 0;
};

// When a ticket closed for good; nothing when it did not.
std::optional<Time> ClosedAt(const PastTicket& ticket) {
  for (auto fact = ticket.facts.rbegin(); fact != ticket.facts.rend(); ++fact) {
    if (fact->type == kClosed || fact->type == kReopened) {
      return fact->type == kClosed ? std::optional(fact->at) : std::nullopt;
    }
  }
  return std::nullopt;
}

// Forgets the solution of the last cycle, the end of a hold that came with it, and what came after.
void LeaveOpen(PastTicket& ticket) {
  auto begin = ticket.facts.begin();
  for (auto fact = begin; fact != ticket.facts.end(); ++fact) {
    begin = fact->type == kReopened ? fact : begin;
  }
  const auto solved = std::find_if(begin, ticket.facts.end(), [](const PastTicket::Fact& fact) {
    return fact.type == kResolved || fact.type == kClosed;
  });
  ticket.facts.erase(std::remove_if(begin, ticket.facts.end(),
                                    [from = solved->at](const PastTicket::Fact& fact) {
                                      return fact.at >= from && fact.type != kFirstResponded &&
                                             fact.type != kReopened;
                                    }),
                     ticket.facts.end());
  ticket.left_open = true;
}

// So many percent of all tickets, those that closed last. By number and not by time: most tickets of a
// real desk close early on its time line, and the last part of it would hold next to none.
void LeaveLastOpen(std::vector<PastTicket>& tickets, int percent) {
  std::vector<std::pair<Time, size_t>> closed;
  for (size_t i = 0; i < tickets.size(); ++i) {
    if (const std::optional<Time> at = ClosedAt(tickets[i])) {
      closed.emplace_back(*at, i);
    }
  }
  std::sort(closed.rbegin(), closed.rend());
  const size_t wanted = (tickets.size() * static_cast<size_t>(percent) + 99) / 100;
  for (size_t i = 0; i < std::min(wanted, closed.size()); ++i) {
    LeaveOpen(tickets[closed[i].second]);
  }
}

absl::Status CheckColumns(const Csv& csv, const Mapping::Columns& columns) {
  for (const std::string* name : {&columns.number, &columns.order, &columns.time, &columns.raised,
                                  &columns.state, &columns.reopenings, &columns.channel,
                                  &columns.severity, &columns.group, &columns.person}) {
    if (!name->empty() && !csv.Column(*name)) {
      return absl::InvalidArgumentError(
          steward::ToAbsl("the mapping names column `" + *name + "`, the file has none"));
    }
  }
  return absl::OkStatus();
}

// Rows by ticket, tickets in the order of the file.
struct Grouped {
  std::vector<std::vector<Row>> tickets;
  std::map<std::string, size_t> index;
  std::set<std::string> spoilt;
};

Grouped Group(const Csv& csv, const Mapping& mapping, std::vector<BadRow>* bad_rows) {
  Grouped grouped;
  for (const CsvRow& cells : csv.rows) {
    RowReader reader(csv, mapping, cells);
    std::optional<Row> row = reader.Read();
    if (!row) {
      bad_rows->push_back(*reader.bad());
      if (const std::string number = reader.number();
          !number.empty() && number != mapping.unknown) {
        grouped.spoilt.insert(number);
      }
      continue;
    }
    const auto [at, fresh] = grouped.index.try_emplace(row->number, grouped.tickets.size());
    if (fresh) {
      grouped.tickets.emplace_back();
    }
    grouped.tickets[at->second].push_back(*std::move(row));
  }
  return grouped;
}

}  // namespace

absl::StatusOr<History> ReadHistory(const Csv& csv, const Mapping& mapping) {
  RETURN_IF_ERROR(CheckColumns(csv, mapping.columns));
  History history;
  Grouped grouped = Group(csv, mapping, &history.bad_rows);
  if (grouped.tickets.empty()) {
    const std::string why = history.bad_rows.empty()
                                ? "there are none"
                                : "the first: line " + std::to_string(history.bad_rows[0].line) +
                                      ": " + history.bad_rows[0].field + ": " +
                                      history.bad_rows[0].reason;
    return absl::InvalidArgumentError(steward::ToAbsl("no row can be read; " + why));
  }
  history.first = steward::kMaxTime;
  history.last = steward::kMinTime;
  for (std::vector<Row>& rows : grouped.tickets) {
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return std::pair(a.order, a.time) < std::pair(b.order, b.time);
    });
    for (const Row& row : rows) {
      history.first = std::min({history.first, row.raised, row.time});
      history.last = std::max(history.last, row.time);
    }
    if (grouped.spoilt.contains(rows.front().number)) {
      continue;
    }
    Teller teller(mapping, rows);
    for (const Row& row : rows) {
      teller.Tell(row);
    }
    history.moved_rows += teller.moved_rows();
    history.tickets.push_back(teller.Take());
  }
  history.left_out = static_cast<int>(grouped.spoilt.size());
  LeaveLastOpen(history.tickets, mapping.leave_open_percent);
  return history;
}

steward::complaints::v1::RegisterTicketRequest ToRequest(const PastTicket& past,
                                                         const std::string& kind,
                                                         steward::Duration shift, bool verified) {
  steward::complaints::v1::RegisterTicketRequest request;
  auto* ticket = request.mutable_ticket();
  ticket->set_kind(kind);
  ticket->set_severity(past.severity);
  ticket->set_channel(past.channel);
  ticket->set_external_id(past.number);
  ticket->set_team(past.team);
  ticket->set_owner(past.owner);
  ticket->set_summary(past.summary);
  *ticket->mutable_occurred_at() = steward::rpc::ToProto(past.raised + shift);
  for (const PastTicket::Fact& fact : past.facts) {
    if (fact.type == kVerified && !verified) {
      continue;
    }
    auto* told = request.add_past_facts();
    told->set_type(fact.type);
    told->set_cause(fact.cause);
    told->set_owner(fact.owner);
    told->set_team(fact.team);
    *told->mutable_occurred_at() = steward::rpc::ToProto(fact.at + shift);
  }
  return request;
}

}  // namespace stewardctl
