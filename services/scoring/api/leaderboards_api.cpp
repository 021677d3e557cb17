#include "services/scoring/api/leaderboards_api.h"

#include <algorithm>

#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/values.h"
#include "services/scoring/domain/measures.h"

namespace steward::scoring {
namespace {

constexpr int kDefaultTop = 10;
constexpr int kMostTop = 100;
constexpr int kMostDays = 3660;

absl::StatusOr<std::string> CollectionOf(const Measure& measure, const std::string& kind) {
  ASSIGN_OR_RETURN(const SubjectKind subject, ParseSubjectKind("subject_kind", kind));
  if (subject == SubjectKind::kCompany || !Covers(measure, subject)) {
    return FieldInvalid("subject_kind", "`" + std::string(measure.id) + "` has no places of `" +
                                            kind + "`; see `measures list`");
  }
  return kind + "s/";
}

absl::StatusOr<BoardQuery> QueryOf(const v1::GetLeaderboardRequest& request) {
  ASSIGN_OR_RETURN(const Measure* measure, ParseMeasure("measure", request.measure()));
  BoardQuery query;
  query.measure = request.measure();
  ASSIGN_OR_RETURN(query.collection, CollectionOf(*measure, request.subject_kind()));
  ASSIGN_OR_RETURN(query.first, rpc::FromProto("first_day", request.first_day()));
  ASSIGN_OR_RETURN(query.last, rpc::FromProto("last_day", request.last_day()));
  if (query.last < query.first || query.last - query.first >= kMostDays) {
    return FieldInvalid("last_day",
                        "is not before `first_day`, and at most 3660 days are asked for");
  }
  query.currency = request.currency();
  const bool money = measure->unit == Unit::kMoney;
  if (money != (query.currency.size() == 3) || (!money && !query.currency.empty())) {
    return FieldInvalid("currency", money ? "is needed, such as `CNY`: amounts of several "
                                            "currencies have no order"
                                          : "belongs to measures of money");
  }
  return query;
}

bool Reaches(const rpc::Call& call, const std::string& subject) {
  return call.reach.all || Contains(call.reach.members, subject) ||
         Contains(call.reach.teams, subject);
}

void ToProto(const BoardPlace& from, v1::Leaderboard::Place* to) {
  to->set_rank(from.rank);
  to->set_subject(from.subject);
  to->set_total(from.total);
}

}  // namespace

void LeaderboardsApi::AddTo(rpc::Server& server) {
  server.Add<v1::GetLeaderboardRequest, v1::Leaderboard>(
      "/steward.scoring.v1.LeaderboardsService/GetLeaderboard",
      [this](rpc::Call& call, const v1::GetLeaderboardRequest& request, v1::Leaderboard* response) {
        return GetLeaderboard(call, request, response);
      });
  server.Add<v1::GetLeadLeaderboardRequest, v1::Leaderboard>(
      "/steward.scoring.v1.LeaderboardsService/GetLeadLeaderboard",
      [this](rpc::Call& call, const v1::GetLeadLeaderboardRequest& request,
             v1::Leaderboard* response) { return GetLeadLeaderboard(call, request, response); });
}

absl::Status LeaderboardsApi::GetLeaderboard(const rpc::Call& call,
                                             const v1::GetLeaderboardRequest& request,
                                             v1::Leaderboard* response) {
  ASSIGN_OR_RETURN(const BoardQuery query, QueryOf(request));
  return Answer(call, query, request.top(), request.subject(), response);
}

absl::Status LeaderboardsApi::GetLeadLeaderboard(const rpc::Call& call,
                                                 const v1::GetLeadLeaderboardRequest& request,
                                                 v1::Leaderboard* response) {
  RETURN_IF_ERROR(CheckCode("subject_kind", request.subject_kind(),
                            std::vector<std::string>{"member", "team"}));
  RETURN_IF_ERROR(CheckText("band", request.band(), 200));
  const BoardQuery query{kScoredLeads, request.subject_kind() + "s/", request.band(), {}, {}};
  return Answer(call, query, request.top(), request.subject(), response);
}

absl::Status LeaderboardsApi::Answer(const rpc::Call& call, const BoardQuery& query, int wanted,
                                     const std::string& subject, v1::Leaderboard* response) {
  if (wanted < 0) {
    return FieldInvalid("top", "is not negative");
  }
  const int top = wanted == 0 ? kDefaultTop : std::min(wanted, kMostTop);
  if (!subject.empty() && !subject.starts_with(query.collection)) {
    return FieldInvalid("subject", "is one of `" + query.collection + "{id}`");
  }
  if (!subject.empty() && !Reaches(call, subject)) {
    return NotFound(subject);
  }
  ASSIGN_OR_RETURN(pg::Connection * db, service::ReadConnection(env_, call));
  std::optional<TopPlaces> found;
  // The copy's first ones are those of all; a narrower reach is cut out of the whole.
  const bool copied = copy_ != nullptr && call.reach.all;
  if (copied) {
    ASSIGN_OR_RETURN(const int64_t revision, MeasureRevision(*db, query.measure, call.TimeLeft()));
    found = copy_->Read(query, revision, top, subject);
  }
  response->set_served_by(found ? "redis" : "postgresql");
  if (!found) {
    ASSIGN_OR_RETURN(WholeBoard board, ReadWholeBoard(*db, query, call.TimeLeft()));
    if (copied) {
      copy_->Write(query, board);
    }
    const auto subjects = static_cast<int64_t>(board.places.size());
    std::erase_if(board.places, [&](const auto& place) { return !Reaches(call, place.subject); });
    found = TopOf(board, top, subject);
    found->subjects = subjects;
  }
  response->set_subjects(found->subjects);
  for (const BoardPlace& place : found->places) {
    ToProto(place, response->add_places());
  }
  if (found->own) {
    ToProto(*found->own, response->mutable_own());
  }
  return absl::OkStatus();
}

}  // namespace steward::scoring
