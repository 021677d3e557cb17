#include "libs/rpc/token_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "libs/rpc/crypto.h"

namespace steward::rpc {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 8;
// Thumbprints are never looked at, but common issuers send them. Whatever points to a key, brings
// one or asks for understanding (`jku`, `x5u`, `jwk`, `x5c`, `crit`, ...) refuses the token.
const std::set<std::string, std::less<>> kHeaderMembers = {"alg", "typ", "kid", "x5t", "x5t#S256"};

absl::Status Bad(std::string_view what) { return absl::InvalidArgumentError(ToAbsl(what)); }

// An object without duplicate members at any depth; JSON parsers keep the last one, signers may
// mean the first.
absl::StatusOr<Json> ParseObject(std::string_view text) {
  std::vector<std::set<std::string>> open;
  bool duplicate = false;
  bool deep = false;
  auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    deep = deep || depth > kMaxDepth;
    if (event == Json::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == Json::parse_event_t::key) {
      duplicate = !open.back().insert(parsed.get<std::string>()).second || duplicate;
    }
    return true;
  };
  Json json = Json::parse(text, watch, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) {
    return Bad("not a JSON object");
  }
  if (duplicate || deep) {
    return Bad(duplicate ? "duplicate member" : "nested too deeply");
  }
  return json;
}

// "" when absent or not a string: every caller refuses the empty string.
std::string TextOf(const Json& object, const char* name) {
  auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

absl::Status ReadInstant(const Json& object, const char* name, std::optional<double>* out) {
  auto it = object.find(name);
  if (it == object.end()) {
    return absl::OkStatus();
  }
  if (!it->is_number() || it->get<double>() < 0 || it->get<double>() > 253402300799.0) {
    return Bad("an instant is not a number of seconds");
  }
  *out = it->get<double>();
  return absl::OkStatus();
}

absl::StatusOr<std::string> DecodedMember(const Json& object, const char* name) {
  std::optional<std::string> bytes = DecodeBase64Url(TextOf(object, name));
  if (!bytes || bytes->empty()) {
    return Bad(std::string("member `") + name + "` is missing or not base64url");
  }
  return *std::move(bytes);
}

absl::StatusOr<Key> ParseKey(const Json& json) {
  std::string type = TextOf(json, "kty");
  std::string use = TextOf(json, "use");
  std::string algorithm = TextOf(json, "alg");
  if (json.contains("d")) {
    return Bad("the key set contains a private key");
  }
  if (!use.empty() && use != "sig") {
    return Bad("a key is not for signatures");
  }
  if (type == "EC" && TextOf(json, "crv") == "P-256" &&
      (algorithm.empty() || algorithm == "ES256")) {
    ASSIGN_OR_RETURN(std::string x, DecodedMember(json, "x"));
    ASSIGN_OR_RETURN(std::string y, DecodedMember(json, "y"));
    return Key::FromEcPoint(x, y);
  }
  if (type == "RSA" && (algorithm.empty() || algorithm == "RS256")) {
    ASSIGN_OR_RETURN(std::string n, DecodedMember(json, "n"));
    ASSIGN_OR_RETURN(std::string e, DecodedMember(json, "e"));
    return Key::FromRsaNumbers(n, e);
  }
  return Bad("a key is neither EC P-256 (ES256) nor RSA (RS256)");
}

}  // namespace

bool IsKeyId(std::string_view text) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 128 && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), allowed);
}

absl::StatusOr<TokenHeader> ParseTokenHeader(std::string_view json) {
  ASSIGN_OR_RETURN(Json object, ParseObject(json));
  for (const auto& item : object.items()) {
    if (!kHeaderMembers.contains(item.key())) {
      return Bad("header member not allowed");
    }
  }
  return TokenHeader{TextOf(object, "alg"), TextOf(object, "typ"), TextOf(object, "kid")};
}

absl::StatusOr<TokenBody> ParseTokenBody(std::string_view json) {
  ASSIGN_OR_RETURN(Json object, ParseObject(json));
  TokenBody body;
  body.issuer = TextOf(object, "iss");
  body.subject = TextOf(object, "sub");
  body.id = TextOf(object, "jti");
  if (auto id = object.find("jti"); id != object.end() && !id->is_string()) {
    return Bad("jti is no text, so that no deny-list could name it");
  }
  auto audience = object.find("aud");
  if (audience != object.end() && audience->is_string()) {
    body.audience = {audience->get<std::string>()};
  } else if (audience != object.end() && audience->is_array() && audience->size() <= 16) {
    for (const Json& entry : *audience) {
      body.audience.push_back(entry.is_string() ? entry.get<std::string>() : "");
    }
  }
  RETURN_IF_ERROR(ReadInstant(object, "exp", &body.expires));
  RETURN_IF_ERROR(ReadInstant(object, "nbf", &body.not_before));
  RETURN_IF_ERROR(ReadInstant(object, "iat", &body.issued));
  return body;
}

std::string FormatTokenHeader(Algorithm algorithm, std::string_view key_id) {
  return Json{{"alg", algorithm == Algorithm::kEs256 ? "ES256" : "RS256"},
              {"typ", "JWT"},
              {"kid", std::string(key_id)}}
      .dump();
}

std::string FormatTokenBody(const TokenClaims& claims, std::string_view token_id) {
  int64_t issued = claims.issued_at.micros / 1'000'000;
  Json body = {{"iss", claims.issuer},
               {"sub", claims.subject},
               {"aud", claims.audience},
               {"iat", issued},
               {"nbf", issued},
               {"exp", (claims.issued_at + claims.life).micros / 1'000'000},
               {"jti", std::string(token_id)}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<std::map<std::string, Key, std::less<>>> ParseKeySet(std::string_view json) {
  ASSIGN_OR_RETURN(Json object, ParseObject(json));
  auto keys = object.find("keys");
  if (keys == object.end() || !keys->is_array() || keys->empty() || keys->size() > 64) {
    return Bad("`keys` must be a list of 1 to 64 keys");
  }
  std::map<std::string, Key, std::less<>> out;
  for (const Json& entry : *keys) {
    std::string id = entry.is_object() ? TextOf(entry, "kid") : "";
    if (!IsKeyId(id)) {
      return Bad("a key has no usable `kid`");
    }
    ASSIGN_OR_RETURN(Key key, ParseKey(entry));
    if (!out.emplace(id, std::move(key)).second) {
      return Bad("two keys have the same `kid`");
    }
  }
  return out;
}

std::string FormatKeySet(const Key::Point& point, std::string_view key_id) {
  Json key = {{"kty", "EC"},
              {"crv", "P-256"},
              {"alg", "ES256"},
              {"use", "sig"},
              {"kid", std::string(key_id)},
              {"x", EncodeBase64Url(point.x)},
              {"y", EncodeBase64Url(point.y)}};
  return Json{{"keys", Json::array({key})}}.dump(2) + "\n";
}

std::string Thumbprint(const Key::Point& point) {
  // nlohmann sorts members by name, which is the canonical order.
  Json key = {{"crv", "P-256"},
              {"kty", "EC"},
              {"x", EncodeBase64Url(point.x)},
              {"y", EncodeBase64Url(point.y)}};
  return EncodeBase64Url(Sha256(key.dump()));
}

}  // namespace steward::rpc
