// stewardctl auth deny, allow, denied: the deny-lists of all services.

#include <functional>
#include <map>

#include "absl/strings/escaping.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "steward/operations/v1/operations_service.pb.h"
#include "tools/stewardctl/call.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/services.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/table.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

namespace pb = steward::operations::v1;

constexpr int64_t kMaxEntries = 10'000;  // no service denies more

struct Entry {
  std::string kind, value;
};

// The `jti` claim of a token. What it says is not checked: a forged one denies nothing.
absl::StatusOr<std::string> IdOfToken(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  const size_t first = text.find('.');
  const size_t second = first == std::string::npos ? first : text.find('.', first + 1);
  std::string body;
  if (second != std::string::npos &&
      absl::WebSafeBase64Unescape(steward::ToAbsl(text.substr(first + 1, second - first - 1)),
                                  &body)) {
    ASSIGN_OR_RETURN(const auto claims, YamlTopLevel(body));
    for (const auto& [name, value] : claims) {
      if (name == "jti" && !value.empty()) {
        return value;
      }
    }
  }
  return steward::FieldInvalid("--token", "holds no token with an id; deny its subject");
}

// What the arguments name.
absl::StatusOr<Entry> EntryOf(const Args& args) {
  if ((args.Has("member") + args.Has("subject") + args.Has("jti") + args.Has("token")) != 1) {
    return steward::FieldInvalid("--member", "give one of --member, --subject, --jti and --token");
  }
  if (args.Has("token")) {
    ASSIGN_OR_RETURN(std::string id, IdOfToken(args.Text("token")));
    return Entry{"jti", std::move(id)};
  }
  if (args.Has("jti")) {
    return Entry{"jti", args.Text("jti")};
  }
  if (args.Has("subject")) {
    return Entry{"sub", args.Text("subject")};
  }
  const std::string member = args.Text("member");
  return Entry{"sub", member.find('/') == std::string::npos ? "members/" + member : member};
}

// Does it at every service, whatever becomes of the others, and says what came of it; the first failure.
absl::Status AtEveryService(
    Session& session, const std::function<absl::StatusOr<std::string>(const std::string&)>& step) {
  Table table{{"SERVICE", "RESULT"}, {}};
  absl::Status first;
  for (const ServiceInfo& service : Services()) {
    const absl::StatusOr<std::string> result = step(service.name);
    first.Update(result.status());
    table.rows.push_back({service.name, result.ok()
                                            ? *result
                                            : "failed: " + std::string(result.status().message())});
  }
  session.Print(table);
  if (!first.ok()) {
    session.Say("not everywhere; it can be done again");
  }
  return first;
}

absl::Status Deny(Session& session, const Args& args) {
  ASSIGN_OR_RETURN(const Entry entry, EntryOf(args));
  pb::DenyTokenRequest request;
  request.set_kind(entry.kind);
  request.set_value(entry.value);
  request.set_reason(args.Text("reason"));
  if (args.Has("until")) {
    ASSIGN_OR_RETURN(const steward::Time end, ParseWhen(args.Text("until"), session.now()));
    *request.mutable_expire_time() = steward::rpc::ToProto(end);
  }
  return AtEveryService(session, [&](const std::string& service) -> absl::StatusOr<std::string> {
    pb::DeniedToken made;
    RETURN_IF_ERROR(
        session.Call(service + ".operations.DenyToken", pb::DenyTokenRequest(request), &made));
    return "denied until " + (made.has_expire_time()
                                  ? steward::FormatTime(steward::rpc::FromProto(made.expire_time()))
                                  : std::string("it is allowed"));
  });
}

absl::Status Allow(Session& session, const Args& args) {
  ASSIGN_OR_RETURN(const Entry entry, EntryOf(args));
  pb::AllowTokenRequest request;
  request.set_kind(entry.kind);
  request.set_value(entry.value);
  return AtEveryService(session, [&](const std::string& service) -> absl::StatusOr<std::string> {
    pb::AllowTokenResponse done;
    RETURN_IF_ERROR(
        session.Call(service + ".operations.AllowToken", pb::AllowTokenRequest(request), &done));
    return std::string(done.was_denied() ? "allowed again" : "was not denied");
  });
}

std::string TimeText(bool set, const google::protobuf::Timestamp& time) {
  return set ? steward::FormatTime(steward::rpc::FromProto(time)) : "";
}

// The lists of all services as one; an entry says where it holds. What was taken back is a row for each service.
absl::Status Denied(Session& session, const Args& args) {
  std::map<std::vector<std::string>, std::pair<pb::DeniedToken, std::string>> entries;
  absl::Status first;
  for (const ServiceInfo& service : Services()) {
    pb::ListDeniedTokensRequest request;
    request.set_show_allowed(args.Flag("all"));
    pb::ListDeniedTokensResponse list;
    const absl::Status status = CallPages(session, service.name + ".operations.ListDeniedTokens",
                                          request, kMaxEntries, &list);
    if (!status.ok()) {
      session.Say(service.name + ": " + std::string(status.message()));
      first.Update(status);
    }
    for (const pb::DeniedToken& entry : list.denied_tokens()) {
      std::vector<std::string> key = {entry.kind(), entry.value()};
      if (entry.has_allow_time()) {
        key.insert(key.end(), {TimeText(true, entry.allow_time()), service.name});
      }
      auto& [any, services] = entries[key];
      any = entry;
      services += (services.empty() ? "" : " ") + service.name;
    }
  }
  Table table{{"KIND", "VALUE", "SERVICES", "BY", "SINCE", "UNTIL", "REASON"}, {}};
  if (args.Flag("all")) {
    table.header.insert(table.header.end(), {"ALLOWED BY", "ALLOWED"});
  }
  for (const auto& [key, found] : entries) {
    const auto& [entry, services] = found;
    table.rows.push_back(
        {entry.kind(), entry.value(), services, entry.member(), TimeText(true, entry.deny_time()),
         TimeText(entry.has_expire_time(), entry.expire_time()), entry.reason(),
         entry.allow_member(), TimeText(entry.has_allow_time(), entry.allow_time())});
  }
  session.Print(table);
  return first;
}

std::vector<Arg> Which() {
  return {Option("member", "All tokens of a member: `members/{id}` or the id."),
          Option("subject", "All tokens with this `sub` claim, as the issuer writes it."),
          Option("jti", "The token with this id."),
          Option("token", "File with the token; its id is taken.")};
}

}  // namespace

void AddAuthDenied(Tool& tool) {
  auto deny = Which();
  deny.push_back(Option("reason", "Why; kept with the entry.").Needed());
  deny.push_back(Option("until",
                        "End: RFC 3339 or `+2h` (default: for a token when it has expired "
                        "everywhere, else until it is allowed)."));
  tool.Add({"auth deny", "Refuses one token, or all of a member, at every service within 5 s.",
            "stewardctl auth deny --member agent-east-1 --reason 'laptop stolen'\n"
            "stewardctl auth deny --token leaked.token --reason 'posted in a chat'\n"
            "stewardctl auth deny --jti 5f0c2a9e1d7b4c3a --reason 'posted in a chat' --until +2h",
            deny, Deny});
  tool.Add({"auth allow", "Takes an entry of the deny-list back, at every service.",
            "stewardctl auth allow --member agent-east-1", Which(), Allow});
  tool.Add({"auth denied",
            "The deny-lists of all services, and where each entry holds.",
            "stewardctl auth denied\nstewardctl auth denied --all",
            {Flag("all", "Also what was taken back within the last year, and by whom.")},
            Denied});
}

}  // namespace stewardctl
