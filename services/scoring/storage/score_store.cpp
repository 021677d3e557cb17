#include "services/scoring/storage/score_store.h"

#include "libs/base/status.h"

namespace steward::scoring {
namespace {

#define STEWARD_SCORE                                                                            \
  "SELECT s.lead, s.version, s.score, s.band, s.win, s.win_basis, s.model, s.model_version, "    \
  "s.feature_hash, s.as_of, s.scored_at, s.event_count, s.last_event, s.lead_version, r.owner, " \
  "r.team, coalesce(s.model || '@' || s.model_version = (SELECT 'scoringModels/' || model || "   \
  "'@' || active_version FROM scoring_model WHERE active_version IS NOT NULL), false) "          \
  "FROM lead_score s JOIN lead_record r USING (lead) "
#define STEWARD_WITHIN(all, members, teams) \
  "(" all "::boolean OR r.owner = ANY(" members "::text[]) OR r.team = ANY(" teams "::text[])) "

constexpr pg::Statement kLoad{"lead_score_load", STEWARD_SCORE "WHERE s.lead = ANY($1::text[])"};
constexpr pg::Statement kGet{
    "lead_score_get",
    STEWARD_SCORE "WHERE s.lead = ANY($1::text[]) AND " STEWARD_WITHIN("$2", "$3", "$4")};
constexpr pg::Statement kIsWithin{
    "lead_record_within",
    "SELECT 1 FROM lead_record r WHERE r.lead = $1::text AND r.captured AND " STEWARD_WITHIN(
        "$2", "$3", "$4")};
#define STEWARD_LIST(order, comparison) \
  STEWARD_SCORE "WHERE " STEWARD_WITHIN("$1", "$2", "$3")                                       \
  "AND ($4::text = '' OR s.band = $4::text) AND ($5::text = '' OR r.owner = $5::text) "         \
  "AND ($6::text = '' OR r.team = $6::text) AND s.score BETWEEN $7::bigint AND $8::bigint "     \
  "AND ($9::bigint IS NULL OR (s.score, s.lead) " comparison " ($9::bigint, $10::text)) "       \
  "ORDER BY s.score " order ", s.lead " order " LIMIT $11::bigint"
constexpr pg::Statement kListDown{"lead_score_list", STEWARD_LIST("DESC", "<")};
constexpr pg::Statement kListUp{"lead_score_list_up", STEWARD_LIST("ASC", ">")};
#undef STEWARD_LIST
#undef STEWARD_WITHIN
#undef STEWARD_SCORE

#define STEWARD_SCORES                                                                     \
  "unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], "  \
  "$7::text[], $8::timestamptz[], $9::integer[], $10::text[], $11::bigint[]) AS n (lead, " \
  "version, score, band, win, win_basis, feature_hash, as_of, event_count, last_event, "   \
  "lead_version)"
constexpr pg::Statement kUpdate{
    "lead_score_update",
    "UPDATE lead_score s SET version = n.version, score = n.score, band = n.band, win = CASE WHEN "
    "n.win < 0 THEN NULL ELSE n.win END, win_basis = n.win_basis, feature_hash = n.feature_hash, "
    "as_of = n.as_of, event_count = n.event_count, last_event = n.last_event, lead_version = "
    "n.lead_version, model = $12::text, model_version = $13::integer, scored_at = "
    "$14::timestamptz FROM " STEWARD_SCORES " WHERE s.lead = n.lead"};
constexpr pg::Statement kInsert{
    "lead_score_insert",
    "INSERT INTO lead_score (lead, version, score, band, win, win_basis, feature_hash, as_of, "
    "event_count, last_event, lead_version, model, model_version, scored_at) SELECT lead, "
    "version, score, band, CASE WHEN win < 0 THEN NULL ELSE win END, win_basis, feature_hash, "
    "as_of, event_count, last_event, lead_version, $12::text, $13::integer, $14::timestamptz "
    "FROM " STEWARD_SCORES};
#undef STEWARD_SCORES

StoredScore ReadScore(const pg::Result& rows, int i) {
  StoredScore score;
  score.lead = rows.Text(i, 0);
  score.version = rows.Int(i, 1);
  score.score = {rows.Int(i, 2)};
  score.band = rows.Text(i, 3);
  if (const std::optional<int64_t> win = rows.OptionalInt(i, 4); win) {
    score.win = Decimal{*win};
  }
  score.win_basis = rows.Text(i, 5);
  score.model = rows.Text(i, 6);
  score.model_version = static_cast<int32_t>(rows.Int(i, 7));
  score.feature_hash = rows.Text(i, 8);
  score.as_of = rows.Timestamp(i, 9);
  score.scored_at = rows.Timestamp(i, 10);
  score.event_count = static_cast<int32_t>(rows.Int(i, 11));
  score.last_event = rows.Text(i, 12);
  score.lead_version = rows.Int(i, 13);
  score.owner = rows.Text(i, 14);
  score.team = rows.Text(i, 15);
  score.model_active = rows.Bool(i, 16);
  return score;
}

void AddWithin(pg::Params& params, const Within& within) {
  params.Add(within.all).AddTexts(within.members).AddTexts(within.teams);
}

template <class T, class Get>
std::vector<T> Column(const std::vector<StoredScore>& rows, Get get) {
  std::vector<T> column;
  column.reserve(rows.size());
  for (const StoredScore& row : rows) {
    column.push_back(get(row));
  }
  return column;
}

pg::Params ParamsOf(const std::vector<StoredScore>& scores) {
  using Row = StoredScore;
  const auto texts = [&](std::string Row::*member) {
    return Column<std::string>(scores, [&](const Row& r) { return r.*member; });
  };
  pg::Params params;
  params.AddTexts(texts(&Row::lead));
  params.AddInts(Column<int64_t>(scores, [](const Row& r) { return r.version; }));
  params.AddInts(Column<int64_t>(scores, [](const Row& r) { return r.score.scaled; }));
  params.AddTexts(texts(&Row::band));
  // A chance is above zero: -1 stands for none.
  params.AddInts(Column<int64_t>(scores, [](const Row& r) { return r.win ? r.win->scaled : -1; }));
  params.AddTexts(texts(&Row::win_basis)).AddTexts(texts(&Row::feature_hash));
  params.AddTimes(Column<Time>(scores, [](const Row& r) { return r.as_of; }));
  params.AddInt32s(Column<int32_t>(scores, [](const Row& r) { return r.event_count; }));
  params.AddTexts(texts(&Row::last_event));
  params.AddInts(Column<int64_t>(scores, [](const Row& r) { return r.lead_version; }));
  return params.Add(scores[0].model).Add(scores[0].model_version).Add(scores[0].scored_at);
}

}  // namespace

pg::Pending QueueLoadScores(pg::Tx& tx, const std::vector<std::string>& leads) {
  return tx.Queue(kLoad, pg::Params().AddTexts(leads));
}

std::map<std::string, StoredScore> ReadScores(const pg::Result& result) {
  std::map<std::string, StoredScore> scores;
  for (int i = 0; i < result.rows(); ++i) {
    scores.emplace(result.Text(i, 0), ReadScore(result, i));
  }
  return scores;
}

void QueueUpdateScores(pg::Tx& tx, const std::vector<StoredScore>& scores) {
  if (!scores.empty()) {
    tx.Queue(kUpdate, ParamsOf(scores));
  }
}

void QueueInsertScores(pg::Tx& tx, const std::vector<StoredScore>& scores) {
  if (!scores.empty()) {
    tx.Queue(kInsert, ParamsOf(scores));
  }
}

absl::StatusOr<std::map<std::string, StoredScore>> GetScores(pg::Connection& db,
                                                             const std::vector<std::string>& leads,
                                                             const Within& within,
                                                             Duration timeout) {
  pg::Params params;
  params.AddTexts(leads);
  AddWithin(params, within);
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kGet, params, timeout));
  return ReadScores(result);
}

absl::StatusOr<std::vector<StoredScore>> ListScores(pg::Connection& db, const ScoreQuery& query,
                                                    const std::optional<ScoreCursor>& after,
                                                    const Within& within, int limit,
                                                    Duration timeout) {
  constexpr Decimal kEnd{std::numeric_limits<int64_t>::max()};
  pg::Params params;
  AddWithin(params, within);
  params.Add(query.band).Add(query.owner).Add(query.team);
  params.Add(query.least.value_or(Decimal{-kEnd.scaled}).scaled);
  params.Add(query.most.value_or(kEnd).scaled);
  params.AddOptional(after ? std::optional(after->score.scaled) : std::nullopt);
  params.Add(after ? after->lead : "").Add(static_cast<int64_t>(limit));
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(query.ascending ? kListUp : kListDown, params, timeout));
  std::vector<StoredScore> scores;
  for (int i = 0; i < result.rows(); ++i) {
    scores.push_back(ReadScore(result, i));
  }
  return scores;
}

absl::StatusOr<bool> LeadIsWithin(pg::Connection& db, const std::string& lead, const Within& within,
                                  Duration timeout) {
  pg::Params params;
  params.Add(lead);
  AddWithin(params, within);
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kIsWithin, params, timeout));
  return result.rows() > 0;
}

}  // namespace steward::scoring
