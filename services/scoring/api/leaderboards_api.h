#pragma once
// LeaderboardsService: one method per RPC.

#include <string>

#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/scoring/board/leaderboard_copy.h"
#include "steward/scoring/v1/leaderboards_service.pb.h"

namespace steward::scoring {

// Thread-safe. Without `copy` PostgreSQL answers.
class LeaderboardsApi {
 public:
  LeaderboardsApi(service::Env env, LeaderboardCopy* copy) : env_(env), copy_(copy) {}
  void AddTo(rpc::Server& server);

  absl::Status GetLeaderboard(const rpc::Call&, const v1::GetLeaderboardRequest&, v1::Leaderboard*);
  absl::Status GetLeadLeaderboard(const rpc::Call&, const v1::GetLeadLeaderboardRequest&,
                                  v1::Leaderboard*);

 private:
  absl::Status Answer(const rpc::Call& call, const BoardQuery& query, int wanted,
                      const std::string& subject, v1::Leaderboard* response);

  service::Env env_;
  LeaderboardCopy* copy_;
};

}  // namespace steward::scoring
