#include "services/scoring/board/leaderboard_copy.h"

#include <algorithm>
#include <cstdlib>

#include "libs/base/day.h"
#include "libs/base/status.h"

namespace steward::scoring {
namespace {

constexpr int64_t kExact = int64_t{1} << 53;  // a sorted set's scores are doubles
constexpr size_t kMostPlaces = 20'000;
constexpr char kLife[] = "86400";  // seconds

std::string KeyOf(const BoardQuery& query) {
  return "scoring:board:" + query.measure + ":" + query.collection + ":" + query.currency + ":" +
         FormatDay(query.first) + ":" + FormatDay(query.last);
}

// What was written: a whole number, -total.
int64_t TotalOf(const std::string& score) {
  const auto value = static_cast<int64_t>(std::strtod(score.c_str(), nullptr));
  return -value;
}

}  // namespace

TopPlaces TopOf(const WholeBoard& board, int top, const std::string& subject) {
  TopPlaces found;
  found.subjects = static_cast<int64_t>(board.places.size());
  for (const BoardPlace& place : board.places) {
    if (static_cast<int>(found.places.size()) < top) {
      found.places.push_back(place);
    }
    if (place.subject == subject) {
      found.own = place;
    }
  }
  return found;
}

LeaderboardCopy::LeaderboardCopy(redis::Options options, metrics::Registry* registry)
    : options_(std::move(options)), registry_(registry) {
  const auto counter = [&](const char* result) {
    metrics::Counter made = registry->GetCounter(
        "steward_cache_requests_total",
        "Reads of a copy in Redis; after a miss or an error PostgreSQL answers.",
        {{"cache", "leaderboard"}, {"result", result}});
    made.Add(0);
    return made;
  };
  hit_ = counter("hit");
  miss_ = counter("miss");
  error_ = counter("error");
}

std::unique_ptr<redis::Client> LeaderboardCopy::Take() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) {
    return std::make_unique<redis::Client>(options_, registry_);
  }
  std::unique_ptr<redis::Client> client = std::move(idle_.back());
  idle_.pop_back();
  return client;
}

void LeaderboardCopy::Give(std::unique_ptr<redis::Client> client) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(client));
}

std::optional<TopPlaces> LeaderboardCopy::Read(const BoardQuery& query, int64_t revision, int top,
                                               const std::string& subject) {
  std::unique_ptr<redis::Client> client = Take();
  const std::string key = KeyOf(query);
  // In one transaction, so that no writer comes between head and set.
  const auto first =
      client->Transaction({{"GET", key + ":head"},
                           {"ZCARD", key},
                           {"ZRANGE", key, "0", std::to_string(top - 1), "WITHSCORES"},
                           {"ZSCORE", key, subject}});
  absl::StatusOr<std::vector<redis::Reply>> before = std::vector<redis::Reply>();
  const bool have =
      first.ok() && first->size() == 4 && (*first)[0].text == std::to_string(revision);
  const bool own = have && !subject.empty() && (*first)[3].kind == redis::Reply::Kind::kText;
  if (own) {
    before = client->Transaction(
        {{"GET", key + ":head"}, {"ZCOUNT", key, "-inf", "(" + (*first)[3].text}});
  }
  Give(std::move(client));
  if (!first.ok() || !before.ok()) {
    error_.Add();
    return std::nullopt;
  }
  if (!have || (own && (*before)[0].text != std::to_string(revision))) {
    miss_.Add();
    return std::nullopt;
  }
  TopPlaces found;
  found.subjects = (*first)[1].number;
  const std::vector<redis::Reply>& rows = (*first)[2].elements;
  for (size_t i = 0; i + 1 < rows.size(); i += 2) {
    BoardPlace place{rows[i].text, static_cast<int64_t>(i / 2) + 1, TotalOf(rows[i + 1].text)};
    if (!found.places.empty() && found.places.back().total == place.total) {
      place.rank = found.places.back().rank;
    }
    found.places.push_back(std::move(place));
  }
  if (own) {
    found.own = BoardPlace{subject, (*before)[1].number + 1, TotalOf((*first)[3].text)};
  }
  hit_.Add();
  return found;
}

void LeaderboardCopy::Write(const BoardQuery& query, const WholeBoard& board) {
  const bool exact = std::all_of(board.places.begin(), board.places.end(), [](const auto& place) {
    return place.total > -kExact && place.total < kExact;
  });
  if (!exact || board.places.size() > kMostPlaces) {
    return;
  }
  const std::string key = KeyOf(query);
  std::vector<std::vector<std::string>> commands = {{"DEL", key}};
  for (size_t from = 0; from < board.places.size(); from += 500) {
    std::vector<std::string> add = {"ZADD", key};
    for (size_t i = from; i < std::min(from + 500, board.places.size()); ++i) {
      add.push_back(std::to_string(-board.places[i].total));
      add.push_back(board.places[i].subject);
    }
    commands.push_back(std::move(add));
  }
  commands.push_back({"EXPIRE", key, kLife});
  commands.push_back({"SET", key + ":head", std::to_string(board.revision), "EX", kLife});
  std::unique_ptr<redis::Client> client = Take();
  (void)client->Transaction(commands);  // without it PostgreSQL answers the next one too
  Give(std::move(client));
}

}  // namespace steward::scoring
