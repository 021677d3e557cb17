#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/log/log.h"
#include "libs/rpc/crypto.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/key.h"
#include "libs/rpc/token_json.h"

namespace steward::rpc {
namespace {

constexpr size_t kMaxTokenBytes = 8 * 1024;
constexpr size_t kMaxSubjectCharacters = 200;
constexpr size_t kMaxIdCharacters = 200;
constexpr size_t kMaxKeySetBytes = 256 * 1024;
constexpr size_t kMaxCached = 10'000;
constexpr int64_t kLookAtFileMicros = 1'000'000;
constexpr int64_t kReloadForUnknownKeyMicros = 10'000'000;
constexpr char kDevelopmentIssuer[] = "dev-only";

absl::Status Unauthenticated(std::string_view reason) {
  std::string_view text = reason == "TOKEN_EXPIRED"   ? "the token has expired; get a new one"
                          : reason == "TOKEN_MISSING" ? "a bearer token is required"
                                                      : "the token is not valid";
  return Refuse(absl::StatusCode::kUnauthenticated, text, {.reason = std::string(reason)});
}

// What a token's check ends with: the refusal for the caller, and why for the log.
struct Fault {
  std::string_view reason = "TOKEN_INVALID";
  std::string why;
};

struct Parts {
  std::string_view header, body, signature, signed_bytes;
};

std::optional<Parts> Split(std::string_view token) {
  size_t first = token.find('.');
  size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.good() && !in.eof()) {
    return absl::FailedPreconditionError(ToAbsl("cannot read " + path));
  }
  if (text.size() > kMaxKeySetBytes) {
    return absl::FailedPreconditionError(ToAbsl(path + " is too large for a key set"));
  }
  return text;
}

bool EqualIgnoringCase(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

// The public keys of the file, loaded again when it changes. Not thread-safe.
class KeyFile {
 public:
  explicit KeyFile(std::string path) : path_(std::move(path)) {}

  absl::Status Load() {
    struct stat now = {};
    if (stat(path_.c_str(), &now) != 0) {
      return absl::FailedPreconditionError(ToAbsl("cannot read " + path_));
    }
    seen_ = now;
    ASSIGN_OR_RETURN(std::string text, ReadSmallFile(path_));
    auto keys = ParseKeySet(text);
    if (!keys.ok()) {
      return absl::FailedPreconditionError(
          ToAbsl(path_ + ": " + std::string(FromAbsl(keys.status().message()))));
    }
    keys_ = *std::move(keys);
    return absl::OkStatus();
  }

  // True when the keys were loaded anew. A file that cannot be read leaves the old keys in force.
  bool Refresh(bool unknown_key) {
    int64_t now = MonotonicMicros();
    int64_t& last = unknown_key ? last_reload_ : last_look_;
    if (now - last < (unknown_key ? kReloadForUnknownKeyMicros : kLookAtFileMicros)) {
      return false;
    }
    last = now;
    if (!unknown_key && !Changed()) {
      return false;
    }
    absl::Status status = Load();
    if (!status.ok()) {
      log::Warning("key set not reloaded", {{"error", FromAbsl(status.message())}});
      return false;
    }
    log::Info("key set loaded", {{"keys", keys_.size()}});
    return true;
  }

  const Key* Find(std::string_view id) const {
    auto it = keys_.find(id);
    return it == keys_.end() ? nullptr : &it->second;
  }

 private:
  bool Changed() const {
    struct stat now = {};
    return stat(path_.c_str(), &now) == 0 &&
           (now.st_mtim.tv_sec != seen_.st_mtim.tv_sec ||
            now.st_mtim.tv_nsec != seen_.st_mtim.tv_nsec || now.st_ino != seen_.st_ino ||
            now.st_size != seen_.st_size);
  }

  std::string path_;
  std::map<std::string, Key, std::less<>> keys_;
  struct stat seen_ = {};
  int64_t last_look_ = MonotonicMicros();
  int64_t last_reload_ = 0;
};

class Verifier final : public TokenVerifier {
 public:
  explicit Verifier(TokenOptions options)
      : options_(std::move(options)), keys_(options_.jwks_file) {}

  absl::Status Load() { return keys_.Load(); }

  absl::StatusOr<Token> Verify(std::string_view authorization, Time now) override {
    if (authorization.empty()) {
      return Unauthenticated("TOKEN_MISSING");
    }
    Fault fault;
    std::optional<Token> token = Check(authorization, now, &fault);
    if (token) {
      return *std::move(token);
    }
    log::Warning("token refused", {{"why", fault.why}});
    return Unauthenticated(fault.reason);
  }

 private:
  struct Cached {
    Token token;
    Time not_before, until;
  };

  std::optional<Token> Check(std::string_view authorization, Time now, Fault* fault) {
    constexpr std::string_view kScheme = "bearer ";
    if (authorization.size() > kMaxTokenBytes || authorization.size() <= kScheme.size() ||
        !EqualIgnoringCase(authorization.substr(0, kScheme.size()), kScheme)) {
      fault->why = "not a bearer token of at most 8 KiB";
      return std::nullopt;
    }
    std::string_view token = authorization.substr(kScheme.size());
    std::string hash = Sha256(token);
    {
      std::lock_guard lock(mutex_);
      if (keys_.Refresh(/*unknown_key=*/false)) {
        cache_.clear();  // a withdrawn key takes its tokens along
      }
      if (auto it = cache_.find(hash); it != cache_.end()) {
        if (now < it->second.until && now >= it->second.not_before) {
          return it->second.token;
        }
        cache_.erase(it);
      }
    }
    std::optional<Cached> verified = CheckFresh(token, now, fault);
    if (!verified) {
      return std::nullopt;
    }
    std::lock_guard lock(mutex_);
    MakeRoom(now);
    return cache_.insert_or_assign(std::move(hash), *std::move(verified)).first->second.token;
  }

  std::optional<Cached> CheckFresh(std::string_view token, Time now, Fault* fault) {
    std::optional<Parts> parts = Split(token);
    if (!parts) {
      fault->why = "not three parts";
      return std::nullopt;
    }
    std::optional<std::string> header_json = DecodeBase64Url(parts->header);
    std::optional<std::string> body_json = DecodeBase64Url(parts->body);
    std::optional<std::string> signature = DecodeBase64Url(parts->signature);
    if (!header_json || !body_json || !signature) {
      fault->why = "not base64url";
      return std::nullopt;
    }
    auto header = ParseTokenHeader(*header_json);
    if (!header.ok()) {
      fault->why = std::string(FromAbsl(header.status().message()));
      return std::nullopt;
    }
    std::optional<Key> key = KeyFor(*header, fault);
    if (!key) {
      return std::nullopt;
    }
    if (!key->Verify(parts->signed_bytes, *signature)) {
      fault->why = "bad signature";
      return std::nullopt;
    }
    auto body = ParseTokenBody(*body_json);
    if (!body.ok()) {
      fault->why = std::string(FromAbsl(body.status().message()));
      return std::nullopt;
    }
    return CheckBody(*body, now, fault);
  }

  // The algorithm comes from the key; the header may only agree with it.
  std::optional<Key> KeyFor(const TokenHeader& header, Fault* fault) {
    if (!EqualIgnoringCase(header.type, "jwt") && !EqualIgnoringCase(header.type, "at+jwt")) {
      fault->why = "wrong typ";
      return std::nullopt;
    }
    if (!IsKeyId(header.key_id)) {
      fault->why = "kid missing or malformed";
      return std::nullopt;
    }
    std::lock_guard lock(mutex_);
    const Key* key = keys_.Find(header.key_id);
    if (key == nullptr && keys_.Refresh(/*unknown_key=*/true)) {
      cache_.clear();
      key = keys_.Find(header.key_id);
    }
    if (key == nullptr) {
      fault->why = "unknown kid";
      return std::nullopt;
    }
    if (header.algorithm != (key->algorithm() == Algorithm::kEs256 ? "ES256" : "RS256")) {
      fault->why = "alg is not the key's";
      return std::nullopt;
    }
    return *key;
  }

  std::optional<Cached> CheckBody(const TokenBody& body, Time now, Fault* fault) const {
    auto instant = [](double seconds) { return Time{static_cast<int64_t>(seconds * 1e6)}; };
    if (body.issuer != options_.issuer || body.issuer.empty()) {
      fault->why = "wrong iss";
    } else if (std::find(body.audience.begin(), body.audience.end(), options_.audience) ==
               body.audience.end()) {
      fault->why = "wrong aud";
    } else if (body.subject.empty() ||
               !CheckText("sub", body.subject, kMaxSubjectCharacters).ok()) {
      fault->why = "sub missing or malformed";
    } else if (!CheckText("jti", body.id, kMaxIdCharacters).ok()) {
      fault->why = "jti malformed";
    } else if (!body.expires) {
      fault->why = "no exp";
    } else if (instant(*body.expires) > now + options_.max_life + options_.leeway) {
      fault->why = "exp too far ahead";
    } else if (body.not_before && instant(*body.not_before) > now + options_.leeway) {
      fault->why = "nbf ahead";
    } else if (body.issued && instant(*body.issued) > now + options_.leeway) {
      fault->why = "iat ahead";
    } else if (Time until = instant(*body.expires) + options_.leeway; now >= until) {
      *fault = {"TOKEN_EXPIRED", "expired"};
    } else {
      Time from = body.not_before ? instant(*body.not_before) - options_.leeway : kMinTime;
      return Cached{{body.subject, body.id}, from, until};
    }
    return std::nullopt;
  }

  void MakeRoom(Time now) {
    if (cache_.size() < kMaxCached) {
      return;
    }
    absl::erase_if(cache_, [now](const auto& entry) { return entry.second.until <= now; });
    if (cache_.size() >= kMaxCached) {
      cache_.clear();  // each token is merely verified once more
    }
  }

  const TokenOptions options_;
  std::mutex mutex_;
  KeyFile keys_;                                    // guarded by mutex_
  absl::flat_hash_map<std::string, Cached> cache_;  // guarded by mutex_; key: SHA-256 of the token
};

}  // namespace

absl::StatusOr<std::unique_ptr<TokenVerifier>> TokenVerifier::Create(TokenOptions options) {
  if (options.issuer.empty() || options.audience.empty()) {
    return absl::FailedPreconditionError("issuer and audience of tokens must be set");
  }
  if (options.production && options.issuer == kDevelopmentIssuer) {
    return Refuse(absl::StatusCode::kFailedPrecondition,
                  "tokens of the issuer `dev-only` are for development",
                  {.reason = "UNSAFE_PROFILE"});
  }
  auto verifier = std::make_unique<Verifier>(std::move(options));
  RETURN_IF_ERROR(verifier->Load());
  return verifier;
}

absl::StatusOr<std::string> MintToken(const TokenClaims& claims, std::string_view private_key_pem) {
  if (!IsKeyId(claims.key_id)) {
    return absl::InvalidArgumentError("the key id must be letters, digits, `.`, `_` or `-`");
  }
  ASSIGN_OR_RETURN(Key key, Key::FromPrivatePem(private_key_pem));
  std::string token = EncodeBase64Url(FormatTokenHeader(key.algorithm(), claims.key_id)) + "." +
                      EncodeBase64Url(FormatTokenBody(claims, ToHex(RandomBytes(16))));
  ASSIGN_OR_RETURN(std::string signature, key.Sign(token));
  return token + "." + EncodeBase64Url(signature);
}

absl::StatusOr<GeneratedKey> GenerateSigningKey() {
  ASSIGN_OR_RETURN(Key key, Key::GenerateEc());
  ASSIGN_OR_RETURN(Key::Point point, key.EcPoint());
  ASSIGN_OR_RETURN(std::string pem, key.PrivatePem());
  std::string id = Thumbprint(point);
  return GeneratedKey{std::move(pem), FormatKeySet(point, id), id};
}

}  // namespace steward::rpc
