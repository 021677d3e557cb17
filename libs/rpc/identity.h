#pragma once
// Who calls, and whether they may: token, method policy, reach. One layer, the same in every profile, deny by default.
// Order: policy entry, peer, token, deny-list, grant, rate, request validation, handler.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "libs/base/time.h"
#include "libs/rpc/call.h"

namespace steward::rpc {

// What the directory's projection says about a token's subject. Implemented by libs/identity.
class Members {
 public:
  virtual ~Members() = default;
  struct Who {
    std::string member;               // members/{id}
    std::vector<std::string> grants;  // of the roles held now
  };
  // nullopt = unknown or inactive. `subject` is `members/{id}` or an outside subject claim that is mapped to one.
  virtual std::optional<Who> Find(std::string_view subject, Time now) const = 0;
  // No active member has the grant `admin` yet: a bootstrap admin is accepted.
  virtual bool NoAdminYet() const = 0;
  enum class Scope { kSelf, kTeam, kLine, kAll };
  virtual Reach ReachOf(std::string_view member, Scope scope, Time now) const = 0;
};

// Tokens that are refused although they are valid. Asked at every call, so it answers from memory. Thread-safe.
// Implemented by libs/identity.
class DeniedTokens {
 public:
  virtual ~DeniedTokens() = default;
  virtual bool DeniesToken(std::string_view id, Time now) const = 0;
  // `subject` is a subject claim, or the member that it is mapped to.
  virtual bool DeniesSubject(std::string_view subject, Time now) const = 0;
};

struct TokenOptions {
  std::string
      jwks_file;  // public keys; reloaded when it changes, and once on an unknown `kid` (rate limited)
  std::string issuer;  // exact
  std::string audience = "steward";
  Duration max_life = Minutes(15);
  Duration leeway = Seconds(60);
  bool production = true;  // refuses issuer `dev-only`
};

// What a verified token says.
struct Token {
  std::string subject;  // `sub`
  std::string id;       // `jti`; empty = it has none
};

// Verified tokens are cached by SHA-256 until they expire. Thread-safe.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // `authorization` is the whole metadata value, `Bearer ...`. The token's claims, or UNAUTHENTICATED with reason
  // TOKEN_MISSING, TOKEN_INVALID or TOKEN_EXPIRED; the text never says which check failed (the log does).
  virtual absl::StatusOr<Token> Verify(std::string_view authorization, Time now) = 0;
  static absl::StatusOr<std::unique_ptr<TokenVerifier>> Create(TokenOptions options);
};

// Makes a token; stewardctl and tests. `private_key_pem` is an EC P-256 or RSA key.
struct TokenClaims {
  std::string subject, issuer, audience = "steward", key_id = {};
  Time issued_at = {};
  Duration life = {};
};
absl::StatusOr<std::string> MintToken(const TokenClaims& claims, std::string_view private_key_pem);
// A fresh EC P-256 key: PEM of the private key and a JWKS with its public key.
struct GeneratedKey {
  std::string private_key_pem, jwks_json, key_id;
};
absl::StatusOr<GeneratedKey> GenerateSigningKey();

// One line of policy.yaml.
struct MethodPolicy {
  std::vector<std::string> peers;   // SPIFFE service names; `dev` is added in plaintext development
  std::vector<std::string> grants;  // any of them; `*` = every active member
  Members::Scope reach = Members::Scope::kSelf;
  // `reach: {agent: team, supervisor: line, "*": all}`: the widest scope of the caller's grants named here (`*` = any
  // grant not named); `reach` then holds the scope of `*`, or self without one. Empty for the scalar `reach: line`.
  std::map<std::string, Members::Scope> reach_by_grant = {};
  bool request_id_required = false;
  double rate_per_second = 50;  // per caller and method
  double burst = 100;
  int max_request_bytes = 1 << 20;  // `bulk: true` = 4 MiB
};

// Parses policy.yaml. INVALID_ARGUMENT names line and key; unknown keys are errors.
absl::StatusOr<std::map<std::string, MethodPolicy>> ParsePolicy(std::string_view yaml);
// Every method of the services has a line, and every line a method; else the names, one a line.
absl::Status CheckPolicyCovers(
    const std::map<std::string, MethodPolicy>& policy,
    const std::vector<const google::protobuf::ServiceDescriptor*>& services);

// The decision, apart from gRPC so that the matrix of method x grant x peer can be tested in-process (F56).
struct Decision {
  absl::Status status;
  Members::Who who;
  Reach reach;
};
class Guard {
 public:
  // `denied` may be null: no token is.
  Guard(std::map<std::string, MethodPolicy> policy, TokenVerifier& verifier, const Members& members,
        std::string bootstrap_admin, const DeniedTokens* denied = nullptr);
  ~Guard();
  // UNAUTHENTICATED (reasons of TokenVerifier, TOKEN_DENIED), PERMISSION_DENIED (METHOD_NOT_ALLOWED, PEER_NOT_ALLOWED, MEMBER_UNKNOWN,
  // GRANT_MISSING) or RESOURCE_EXHAUSTED RATE_LIMITED.
  Decision Check(std::string_view method, std::string_view peer, std::string_view authorization,
                 Time now);
  const MethodPolicy* PolicyOf(std::string_view method) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace steward::rpc
