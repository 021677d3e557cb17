#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/rpc/identity.h"

namespace steward::rpc {
namespace {

constexpr char kDevelopmentPeer[] = "dev";
constexpr size_t kShards = 16;
constexpr size_t kMaxBucketsPerShard = 1'024;

bool Contains(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// Token buckets per caller and method. Bounded: a bucket that is full again says nothing and is
// dropped first.
class Buckets {
 public:
  // 0 = taken; else milliseconds until there is one again.
  int64_t Take(std::string_view caller, std::string_view method, const MethodPolicy& policy,
               Time now) {
    std::string key(caller);
    key.append(method);  // a method begins with `/`, a caller never contains `//`
    Shard& shard = shards_[StableHash(key) % kShards];
    std::lock_guard lock(shard.mutex);
    MakeRoom(shard, now);
    Bucket& bucket =
        shard.buckets.try_emplace(std::move(key), Bucket{policy.burst, now, &policy}).first->second;
    bucket.Refill(now);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return static_cast<int64_t>(std::ceil((1 - bucket.tokens) * 1'000 / policy.rate_per_second));
  }

 private:
  struct Bucket {
    double tokens;
    Time at;
    const MethodPolicy* policy;
    void Refill(Time now) {
      if (now > at) {
        double seconds = static_cast<double>((now - at).micros) / 1e6;
        tokens = std::min(policy->burst, tokens + seconds * policy->rate_per_second);
      }
      at = now;
    }
  };
  struct Shard {
    std::mutex mutex;
    absl::flat_hash_map<std::string, Bucket> buckets;
    Time swept{0};
  };

  static void MakeRoom(Shard& shard, Time now) {
    if (shard.buckets.size() < kMaxBucketsPerShard) {
      return;
    }
    // A sweep looks at every bucket; with more callers than room it must not come with every call.
    if (now - shard.swept >= Seconds(1)) {
      shard.swept = now;
      absl::erase_if(shard.buckets, [now](auto& entry) {
        entry.second.Refill(now);
        return entry.second.tokens >= entry.second.policy->burst;
      });
    }
    if (shard.buckets.size() >= kMaxBucketsPerShard) {
      shard.buckets.erase(shard.buckets.begin());
    }
  }

  std::array<Shard, kShards> shards_;
};

// The widest scope that one of the caller's grants gives; grants not named count as `*`.
Members::Scope ScopeFor(const MethodPolicy& policy, const std::vector<std::string>& grants) {
  Members::Scope widest = Members::Scope::kSelf;
  bool unnamed = grants.empty();
  for (const std::string& grant : grants) {
    auto named = policy.reach_by_grant.find(grant);
    if (named == policy.reach_by_grant.end()) {
      unnamed = true;
    } else {
      widest = std::max(widest, named->second);
    }
  }
  return unnamed ? std::max(widest, policy.reach) : widest;
}

Decision Denied(std::string_view reason, std::string_view text, Members::Who who = {}) {
  return {Refuse(absl::StatusCode::kPermissionDenied, text, {.reason = std::string(reason)}),
          std::move(who),
          {}};
}

Decision TokenDenied() {
  return {Refuse(absl::StatusCode::kUnauthenticated, "the token has been denied; get a new one",
                 {.reason = "TOKEN_DENIED"}),
          {},
          {}};
}

}  // namespace

struct Guard::Impl {
  std::map<std::string, MethodPolicy, std::less<>> policy;
  TokenVerifier& verifier;
  const Members& members;
  std::string bootstrap_admin;
  const DeniedTokens* denied;  // may be null
  Buckets buckets;

  bool Denies(const Token& token, Time now) const {
    return denied != nullptr && ((!token.id.empty() && denied->DeniesToken(token.id, now)) ||
                                 denied->DeniesSubject(token.subject, now));
  }

  // Who the subject is, and whether only as the first administrator of an empty directory.
  std::optional<Members::Who> Identify(const std::string& subject, Time now,
                                       bool* bootstrap) const {
    std::optional<Members::Who> who = members.Find(subject, now);
    *bootstrap = !bootstrap_admin.empty() && subject == bootstrap_admin && members.NoAdminYet();
    if (*bootstrap) {
      who = Members::Who{who ? who->member : subject, {"admin", "operator"}};
    }
    return who;
  }
};

Guard::Guard(std::map<std::string, MethodPolicy> policy, TokenVerifier& verifier,
             const Members& members, std::string bootstrap_admin, const DeniedTokens* denied)
    : impl_(
          new Impl{{std::make_move_iterator(policy.begin()), std::make_move_iterator(policy.end())},
                   verifier,
                   members,
                   std::move(bootstrap_admin),
                   denied,
                   {}}) {}

Guard::~Guard() = default;

const MethodPolicy* Guard::PolicyOf(std::string_view method) const {
  auto it = impl_->policy.find(method);
  return it == impl_->policy.end() ? nullptr : &it->second;
}

Decision Guard::Check(std::string_view method, std::string_view peer,
                      std::string_view authorization, Time now) {
  const MethodPolicy* policy = PolicyOf(method);
  if (policy == nullptr) {
    return Denied("METHOD_NOT_ALLOWED", "the method is not in the policy");
  }
  if (peer != kDevelopmentPeer && !Contains(policy->peers, peer)) {
    return Denied("PEER_NOT_ALLOWED", "the calling service may not use this method");
  }
  absl::StatusOr<Token> token = impl_->verifier.Verify(authorization, now);
  if (!token.ok()) {
    return {token.status(), {}, {}};
  }
  if (impl_->Denies(*token, now)) {
    return TokenDenied();
  }
  bool bootstrap = false;
  std::optional<Members::Who> who = impl_->Identify(token->subject, now, &bootstrap);
  if (!who) {
    return Denied("MEMBER_UNKNOWN", "the token's subject is no active member");
  }
  // Who denies a member must not need to know the subject claim of the issuer's tokens for it.
  if (impl_->denied != nullptr && impl_->denied->DeniesSubject(who->member, now)) {
    return TokenDenied();
  }
  bool granted = Contains(policy->grants, "*") ||
                 std::any_of(who->grants.begin(), who->grants.end(), [&](const std::string& grant) {
                   return Contains(policy->grants, grant);
                 });
  if (!granted) {
    return Denied("GRANT_MISSING", "none of the caller's grants allows this method",
                  *std::move(who));
  }
  if (int64_t wait_ms = impl_->buckets.Take(who->member, method, *policy, now); wait_ms > 0) {
    return {
        Refuse(absl::StatusCode::kResourceExhausted, "too many calls of this method; repeat later",
               {.reason = "RATE_LIMITED", .retry_after_ms = wait_ms}),
        *std::move(who),
        {}};
  }
  Reach reach = bootstrap
                    ? Reach{true, {who->member}, {}}
                    : impl_->members.ReachOf(who->member, ScopeFor(*policy, who->grants), now);
  return {absl::OkStatus(), *std::move(who), std::move(reach)};
}

}  // namespace steward::rpc
