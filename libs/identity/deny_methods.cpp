// DenyToken, AllowToken and ListDeniedTokens.

#include <algorithm>

#include "absl/strings/numbers.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/identity/deny_list.h"
#include "libs/log/log.h"
#include "libs/pg/tx.h"
#include "libs/rpc/validate.h"
#include "steward/operations/v1/operations_service.pb.h"

namespace steward::identity {
namespace {

namespace pb = steward::operations::v1;

constexpr size_t kMaxValue = 200;  // as long as a token's claims may be
constexpr size_t kMaxReason = 1000;
constexpr int64_t kMaxEntries = 10'000;  // the list is kept in memory and read every few seconds

constexpr pg::Statement kTidy{
    "denied_token_tidy",
    "DELETE FROM denied_token d WHERE d.expires_at < clock_timestamp() - interval '1 day'"};
constexpr pg::Statement kCount{"denied_token_count", "SELECT count(*) FROM denied_token"};
constexpr pg::Statement kDeny{
    "denied_token_deny",
    "INSERT INTO denied_token AS d (kind, value, reason, denied_by, expires_at) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (kind, value) DO UPDATE SET reason = excluded.reason, "
    "denied_by = excluded.denied_by, denied_at = clock_timestamp(), "
    "expires_at = excluded.expires_at "
    "RETURNING d.kind, d.value, d.reason, d.denied_by, d.denied_at, d.expires_at, NULL::text, "
    "NULL::timestamptz"};
constexpr pg::Statement kAllow{
    "denied_token_allow",
    "WITH old AS (DELETE FROM allowed_token WHERE allowed_at < clock_timestamp() - interval '1 "
    "year'), taken AS (DELETE FROM denied_token d WHERE d.kind = $1 AND d.value = $2 RETURNING "
    "d.kind, d.value, d.reason, d.denied_by, d.denied_at, d.expires_at) "
    "INSERT INTO allowed_token (kind, value, reason, denied_by, denied_at, expires_at, allowed_by) "
    "SELECT t.*, $3 FROM taken t"};
constexpr pg::Statement kList{
    "denied_token_list",
    "SELECT * FROM (SELECT d.kind, d.value, d.reason, d.denied_by, d.denied_at, d.expires_at, NULL "
    "AS allowed_by, NULL AS allowed_at FROM denied_token d WHERE d.expires_at IS NULL OR "
    "d.expires_at > clock_timestamp() UNION ALL SELECT a.kind, a.value, a.reason, a.denied_by, "
    "a.denied_at, a.expires_at, a.allowed_by, a.allowed_at FROM allowed_token a WHERE $5) d "
    "WHERE (d.kind, d.value, d.denied_at) > ($1, $2, $3) "
    "ORDER BY d.kind, d.value, d.denied_at LIMIT $4"};

void Fill(const pg::Result& rows, int i, pb::DeniedToken* entry) {
  entry->set_kind(rows.Text(i, 0));
  entry->set_value(rows.Text(i, 1));
  entry->set_reason(rows.Text(i, 2));
  entry->set_member(rows.Text(i, 3));
  *entry->mutable_deny_time() = rpc::ToProto(rows.Timestamp(i, 4));
  if (const auto end = rows.OptionalTimestamp(i, 5)) {
    *entry->mutable_expire_time() = rpc::ToProto(*end);
  }
  if (const auto allowed = rows.OptionalTimestamp(i, 7)) {
    entry->set_allow_member(rows.Text(i, 6));
    *entry->mutable_allow_time() = rpc::ToProto(*allowed);
  }
}

absl::Status CheckEntry(const std::string& kind, const std::string& value) {
  if (kind != "jti" && kind != "sub") {
    return FieldInvalid("kind", "must be `jti` or `sub`");
  }
  return CheckText("value", value, kMaxValue);
}

// What may stand in a log: a subject claim of another issuer may be somebody's address.
std::string_view ForLog(const std::string& kind, const std::string& value) {
  const bool plain = kind == "jti" || value.compare(0, 8, "members/") == 0;
  return plain ? std::string_view(value) : "(an outside subject)";
}

// Until when an entry holds; nothing = until it is taken back.
absl::StatusOr<std::optional<Time>> EndOf(const DenyMethods& methods,
                                          const pb::DenyTokenRequest& request) {
  const Time now = methods.clock->Now();
  if (!request.has_expire_time()) {
    return request.kind() == "jti" ? std::optional<Time>(now + methods.token_life) : std::nullopt;
  }
  const Time end = rpc::FromProto(request.expire_time());
  if (end <= now) {
    return FieldInvalid("expire_time", "must be in the future");
  }
  return end;
}

absl::Status Deny(const DenyMethods& methods, rpc::Call& call, const pb::DenyTokenRequest& request,
                  pb::DeniedToken* response) {
  RETURN_IF_ERROR(CheckEntry(request.kind(), request.value()));
  RETURN_IF_ERROR(CheckText("reason", request.reason(), kMaxReason));
  if (request.kind() == "sub" && request.value() == call.caller) {
    return FieldInvalid("value", "is the caller, who could not take it back");
  }
  ASSIGN_OR_RETURN(const std::optional<Time> end, EndOf(methods, request));
  ASSIGN_OR_RETURN(pg::Connection * db, methods.db->Get(call.worker));
  RETURN_IF_ERROR(pg::RunInTx(
      *db, {.budget = call.TimeLeft(), .name = "deny_token"}, [&](pg::Tx& tx) -> absl::Status {
        tx.Queue(kTidy);
        ASSIGN_OR_RETURN(const pg::Result count, tx.Run(kCount));
        if (count.Int(0, 0) >= kMaxEntries) {
          return Refuse(absl::StatusCode::kFailedPrecondition,
                        "the deny-list is full; deny the subjects, or change the signing key",
                        {.reason = "DENY_LIST_FULL"});
        }
        ASSIGN_OR_RETURN(const pg::Result row, tx.Run(kDeny, pg::Params()
                                                                 .Add(request.kind())
                                                                 .Add(request.value())
                                                                 .Add(request.reason())
                                                                 .Add(call.caller)
                                                                 .AddOptional(end)));
        Fill(row, 0, response);
        return absl::OkStatus();
      }));
  log::Warning("token denied", {{"kind", request.kind()},
                                {"value", ForLog(request.kind(), request.value())},
                                {"by", call.caller}});
  methods.list->Poke();
  return absl::OkStatus();
}

absl::Status Allow(const DenyMethods& methods, rpc::Call& call,
                   const pb::AllowTokenRequest& request, pb::AllowTokenResponse* response) {
  RETURN_IF_ERROR(CheckEntry(request.kind(), request.value()));
  ASSIGN_OR_RETURN(pg::Connection * db, methods.db->Get(call.worker));
  ASSIGN_OR_RETURN(
      const pg::Result done,
      db->Run(kAllow, pg::Params().Add(request.kind()).Add(request.value()).Add(call.caller)));
  response->set_was_denied(done.affected() > 0);
  log::Warning("token allowed again", {{"kind", request.kind()},
                                       {"value", ForLog(request.kind(), request.value())},
                                       {"by", call.caller},
                                       {"was_denied", response->was_denied()}});
  methods.list->Poke();
  return absl::OkStatus();
}

absl::Status List(const DenyMethods& methods, rpc::Call& call,
                  const pb::ListDeniedTokensRequest& request,
                  pb::ListDeniedTokensResponse* response) {
  constexpr char kQuery[] = "ListDeniedTokens";
  ASSIGN_OR_RETURN(const int size, rpc::PageSize(request.page_size()));
  ASSIGN_OR_RETURN(auto cursor, methods.tokens->Read(kQuery, request.page_token()));
  if (cursor.empty()) {
    cursor = {"", "", "0"};
  }
  Time after;
  if (cursor.size() != 3 || !absl::SimpleAtoi(cursor[2], &after.micros)) {
    return FieldInvalid("page_token", "is not one of this method");
  }
  ASSIGN_OR_RETURN(pg::Connection * db, methods.db->Get(call.worker));
  ASSIGN_OR_RETURN(const pg::Result rows, db->Run(kList, pg::Params()
                                                             .Add(cursor[0])
                                                             .Add(cursor[1])
                                                             .Add(after)
                                                             .Add(int64_t{size} + 1)
                                                             .Add(request.show_allowed())));
  for (int i = 0; i < std::min(rows.rows(), size); ++i) {
    Fill(rows, i, response->add_denied_tokens());
  }
  if (rows.rows() > size) {
    response->set_next_page_token(
        methods.tokens->Make(kQuery, {rows.Text(size - 1, 0), rows.Text(size - 1, 1),
                                      std::to_string(rows.Timestamp(size - 1, 4).micros)}));
  }
  return absl::OkStatus();
}

}  // namespace

void AddDenyMethods(rpc::Server& server, const DenyMethods& methods) {
  const std::string service = "/steward.operations.v1.OperationsService/";
  server.Add<pb::DenyTokenRequest, pb::DeniedToken>(
      service + "DenyToken",
      [methods](rpc::Call& call, const pb::DenyTokenRequest& request, pb::DeniedToken* response) {
        return Deny(methods, call, request, response);
      });
  server.Add<pb::AllowTokenRequest, pb::AllowTokenResponse>(
      service + "AllowToken", [methods](rpc::Call& call, const pb::AllowTokenRequest& request,
                                        pb::AllowTokenResponse* response) {
        return Allow(methods, call, request, response);
      });
  server.Add<pb::ListDeniedTokensRequest, pb::ListDeniedTokensResponse>(
      service + "ListDeniedTokens",
      [methods](rpc::Call& call, const pb::ListDeniedTokensRequest& request,
                pb::ListDeniedTokensResponse* response) {
        return List(methods, call, request, response);
      });
}

}  // namespace steward::identity
