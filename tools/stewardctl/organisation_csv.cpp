#include "tools/stewardctl/organisation_csv.h"

#include <algorithm>
#include <set>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "tools/stewardctl/csv.h"
#include "tools/stewardctl/organisation_row.h"

namespace stewardctl {
namespace {

namespace pb = steward::directory::v1;
using steward::FieldViolation;

enum class Kind { kAssignments, kLeaves, kMembers, kTeams, kRoles };

struct Form {
  Kind kind;
  const char* name;
  const char* key;                   // the column that names whom a row is about
  std::vector<const char*> marks;    // with one of these it is a file of this kind
  std::vector<const char*> columns;  // all
};

// The first that fits is the file's: an assignment names a role or a team besides the member.
const std::vector<Form>& Forms() {
  static const auto& forms = *new std::vector<Form>{
      {Kind::kAssignments,
       "assignments",
       "member",
       {"role", "team", "superior"},
       {"member", "role", "team", "lead", "superior", "from", "to"}},
      {Kind::kMembers,
       "members",
       "member",
       {"name", "name_zh", "email", "mobile", "kind", "external_subject"},
       {"member", "name", "name_zh", "email", "mobile", "kind", "external_subject"}},
      {Kind::kLeaves, "leaves", "member", {"from", "to"}, {"member", "from", "to"}},
      {Kind::kTeams,
       "teams",
       "team",
       {"name", "name_zh", "parent", "region"},
       {"team", "name", "name_zh", "parent", "region"}},
      {Kind::kRoles,
       "roles",
       "role",
       {"name", "name_zh", "grants", "source"},
       {"role", "name", "name_zh", "grants", "source"}}};
  return forms;
}

const Form* FormOf(const Csv& csv) {
  const auto fits = [&](const Form& form) {
    return csv.Column(form.key).has_value() &&
           std::any_of(form.marks.begin(), form.marks.end(),
                       [&](const char* mark) { return csv.Column(mark).has_value(); });
  };
  const auto found = std::find_if(Forms().begin(), Forms().end(), fits);
  return found == Forms().end() ? nullptr : &*found;
}

std::string Join(const std::vector<const char*>& names) {
  std::string text;
  for (const char* name : names) {
    text += (text.empty() ? "" : ",") + std::string(name);
  }
  return text;
}

// `east` and `teams/east` are the same team.
std::string In(const std::string& collection, const std::string& id) {
  return id.empty() || id.find('/') != std::string::npos ? id : collection + "/" + id;
}

// Names by language: the column's language is replaced, an empty cell takes it away.
template <class Message>
void SetNames(const OrganisationRow& row, Message* message) {
  for (const auto& [column, language] : {std::pair{"name", "en"}, {"name_zh", "zh-Hans"}}) {
    if (row.Has(column)) {
      auto& names = *message->mutable_display_names();
      names.erase(language);
      if (const std::string text = row.Text(column); !text.empty()) {
        names[language] = text;
      }
    }
  }
}

void SetRole(const OrganisationRow& row, pb::Role* role) {
  SetNames(row, role);
  if (row.Has("grants")) {
    role->clear_grants();
    std::string word;
    for (const char c : row.Text("grants") + ' ') {
      if (c != ' ' && c != ';' && c != ',') {
        word += c;
      } else if (!word.empty()) {
        role->add_grants(std::exchange(word, {}));
      }
    }
  }
  if (row.Has("source")) {
    role->set_source(row.Text("source"));
  }
}

void SetTeam(const OrganisationRow& row, pb::Team* team) {
  SetNames(row, team);
  if (row.Has("parent")) {
    team->set_parent(In("teams", row.Text("parent")));
  }
  if (row.Has("region")) {
    team->set_region(row.Text("region"));
  }
}

void SetMember(OrganisationRow& row, pb::Member* member) {
  const std::pair<const char*, void (*)(pb::Member*, const std::string&)> fields[] = {
      {"name", [](pb::Member* m, const std::string& text) { m->set_display_name(text); }},
      {"name_zh", [](pb::Member* m, const std::string& text) { m->set_display_name_zh(text); }},
      {"email", [](pb::Member* m, const std::string& text) { m->set_email(text); }},
      {"mobile", [](pb::Member* m, const std::string& text) { m->set_mobile(text); }},
      {"external_subject",
       [](pb::Member* m, const std::string& text) { m->set_external_subject(text); }}};
  for (const auto& [column, set] : fields) {
    if (row.Has(column)) {
      set(member, row.Text(column));
    }
  }
  if (row.Has("kind")) {
    member->set_kind(row.MemberKind("kind"));
  }
}

// Rows by name over what is stored.
template <class Message>
class Rows {
 public:
  Rows(std::string list, std::string collection,
       const google::protobuf::RepeatedPtrField<Message>& stored,
       google::protobuf::RepeatedPtrField<Message>* out, std::map<std::string, std::string>* places)
      : list_(std::move(list)), collection_(std::move(collection)), out_(out), places_(places) {
    for (const Message& message : stored) {
      stored_[message.name()] = &message;
    }
  }

  std::string NameOf(const std::string& id) const { return In(collection_, id); }
  bool IsKnown(const std::string& name) const {
    return index_.contains(name) || stored_.contains(name);
  }
  // The row of that name, made from what is stored the first time.
  Message* Get(const std::string& name, const std::string& place) {
    const auto [at, is_new] = index_.emplace(name, out_->size());
    if (is_new) {
      Message* const message = out_->Add();
      if (const auto stored = stored_.find(name); stored != stored_.end()) {
        *message = *stored->second;
      }
      message->set_name(name);
      (*places_)[PathOf(name)] = place;
    }
    return out_->Mutable(at->second);
  }
  std::string PathOf(const std::string& name) const {
    return list_ + "[" + std::to_string(index_.at(name)) + "]";
  }

 private:
  const std::string list_, collection_;
  std::map<std::string, const Message*> stored_;
  std::map<std::string, int> index_;
  google::protobuf::RepeatedPtrField<Message>* out_;
  std::map<std::string, std::string>* places_;
};

class Reader {
 public:
  explicit Reader(const pb::ImportOrganisationRequest& stored)
      : roles_("roles", "roles", stored.roles(), result_.request.mutable_roles(), &result_.places),
        teams_("teams", "teams", stored.teams(), result_.request.mutable_teams(), &result_.places),
        members_("members", "members", stored.members(), result_.request.mutable_members(),
                 &result_.places) {}

  struct File {
    std::string name;
    Csv csv;
    const Form* form;
  };

  absl::Status AddFile(const NamedText& text) {
    auto csv = ParseCsv(text.text);
    if (!csv.ok()) {
      return steward::FieldInvalid(text.file, steward::FromAbsl(csv.status().message()));
    }
    for (std::string& name : csv->header) {
      name = Trimmed(std::move(name));
    }
    const Form* const form = FormOf(*csv);
    if (form == nullptr) {
      return steward::FieldInvalid(
          text.file, "line 1: the header is of none of these kinds:\n" + OrganisationCsvHelp());
    }
    for (const std::string& name : csv->header) {
      if (std::none_of(form->columns.begin(), form->columns.end(),
                       [&](const char* column) { return name == column; })) {
        faults_.push_back({text.file + " line 1",
                           "unknown column `" + (steward::IsCleanUtf8(name) ? name : "?") +
                               "`; a file of " + form->name + " has " + Join(form->columns)});
      }
    }
    files_.push_back({text.file, *std::move(csv), form});
    return absl::OkStatus();
  }

  // Members before what is said about them.
  absl::StatusOr<OrganisationCsv> Read() {
    for (const bool about_members : {false, true}) {
      for (const File& file : files_) {
        const Kind kind = file.form->kind;
        if ((kind == Kind::kAssignments || kind == Kind::kLeaves) == about_members) {
          ReadFile(file);
        }
      }
    }
    if (!faults_.empty()) {
      return steward::FieldsInvalid(std::move(faults_));
    }
    return std::move(result_);
  }

 private:
  void ReadFile(const File& file) {
    std::map<std::string, std::string> first;  // place by name
    for (const CsvRow& cells : file.csv.rows) {
      OrganisationRow row(file.name, file.csv, cells, &faults_);
      if (row.IsBlank() || !row.IsSound()) {
        continue;
      }
      const std::string id = row.Text(file.form->key);
      if (id.empty()) {
        row.Fault(file.form->key, "is empty");
        continue;
      }
      const bool once = file.form->kind != Kind::kAssignments && file.form->kind != Kind::kLeaves;
      if (const auto [at, is_first] = first.emplace(id, row.place()); once && !is_first) {
        row.Fault(file.form->key, id + " is given twice, also in " + at->second);
        continue;
      }
      ReadRow(*file.form, id, row);
    }
  }

  void ReadRow(const Form& form, const std::string& id, OrganisationRow& row) {
    switch (form.kind) {
      case Kind::kRoles:
        return SetRole(row, roles_.Get(roles_.NameOf(id), row.place()));
      case Kind::kTeams:
        return SetTeam(row, teams_.Get(teams_.NameOf(id), row.place()));
      case Kind::kMembers:
        return SetMember(row, members_.Get(members_.NameOf(id), row.place()));
      case Kind::kAssignments:
      case Kind::kLeaves:
        break;
    }
    const std::string name = members_.NameOf(id);
    if (!members_.IsKnown(name)) {
      row.Fault("member", name + " is neither in a file of members nor in the directory");
    } else if (form.kind == Kind::kLeaves) {
      AddLeave(name, row);
    } else {
      AddAssignment(name, row);
    }
  }

  void AddLeave(const std::string& name, OrganisationRow& row) {
    if (row.Text("from").empty() && row.Text("to").empty()) {
      row.Fault("from", "a leave needs a beginning or an end");
      return;
    }
    pb::Member* const member = members_.Get(name, row.place());
    if (replaced_.insert({name, "leaves"}).second) {
      member->clear_leaves();
    }
    *member->add_leaves() = row.Period();
    Place(name, "leaves", member->leaves_size(), row);
  }

  void AddAssignment(const std::string& name, OrganisationRow& row) {
    const std::string role = In("roles", row.Text("role")), team = In("teams", row.Text("team")),
                      superior = In("members", row.Text("superior"));
    const bool lead = row.Truth("lead");
    if (role.empty() && team.empty() && superior.empty()) {
      row.Fault("", "names no role, no team and no superior");
    } else if (lead && team.empty()) {
      row.Fault("lead", "there is no team");
    }
    const pb::Period period = row.Period();
    pb::Member* const member = members_.Get(name, row.place());
    const auto add = [&](const char* column, const char* list, const std::string& value, auto* to,
                         auto set) {
      if (row.Has(column) && replaced_.insert({name, list}).second) {
        to->Clear();
      }
      if (!value.empty()) {
        auto* const entry = to->Add();
        set(entry);
        if (period.has_start_time() || period.has_end_time()) {
          *entry->mutable_period() = period;
        }
        Place(name, list, to->size(), row);
      }
    };
    add("role", "roles", role, member->mutable_roles(), [&](auto* to) { to->set_role(role); });
    add("team", "teams", team, member->mutable_teams(), [&](auto* to) {
      to->set_team(team);
      to->set_lead(lead);
    });
    add("superior", "superiors", superior, member->mutable_superiors(),
        [&](auto* to) { to->set_member(superior); });
  }

  void Place(const std::string& name, const std::string& list, int size,
             const OrganisationRow& row) {
    result_.places[members_.PathOf(name) + "." + list + "[" + std::to_string(size - 1) + "]"] =
        row.place();
  }

  OrganisationCsv result_;
  Rows<pb::Role> roles_;
  Rows<pb::Team> teams_;
  Rows<pb::Member> members_;
  std::vector<File> files_;
  std::vector<FieldViolation> faults_;
  std::set<std::pair<std::string, std::string>> replaced_;  // member and list
};

}  // namespace

std::string OrganisationCsvHelp() {
  std::string text;
  for (const Form& form : Forms()) {
    text += (text.empty() ? "" : "\n") + std::string(form.name) + ": " + Join(form.columns);
  }
  return text;
}

absl::StatusOr<OrganisationCsv> ReadOrganisationCsv(const std::vector<NamedText>& files,
                                                    const pb::ImportOrganisationRequest& stored) {
  Reader reader(stored);
  for (const NamedText& file : files) {
    RETURN_IF_ERROR(reader.AddFile(file));
  }
  return reader.Read();
}

absl::Status AtPlaces(const absl::Status& status,
                      const std::map<std::string, std::string>& places) {
  const auto refusal = steward::RefusalOf(status);
  if (status.code() != absl::StatusCode::kInvalidArgument || !refusal || refusal->fields.empty()) {
    return status;
  }
  std::vector<FieldViolation> fields = refusal->fields;
  for (FieldViolation& violation : fields) {
    std::string path = violation.field;
    while (!path.empty() && !places.contains(path)) {
      const size_t end = path.find_last_of(".[");
      path.erase(end == std::string::npos ? 0 : end);
    }
    if (!path.empty()) {
      violation.field = places.at(path) + " (" + violation.field + ")";
    }
  }
  return steward::FieldsInvalid(std::move(fields));
}

}  // namespace stewardctl
