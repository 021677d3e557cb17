// Tokens that must be refused, each made as an attacker or a careless issuer would.

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <filesystem>
#include <fstream>

#include "libs/base/status.h"
#include "libs/rpc/crypto.h"
#include "libs/rpc/identity.h"
#include "libs/rpc/key.h"

namespace steward::rpc {
namespace {

constexpr Time kNow{1'700'000'000'000'000};

class TokenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "steward-token-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    key_ = GenerateSigningKey().value();
    WriteKeys(key_.jwks_json);
    Open({});
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void WriteKeys(const std::string& json) { std::ofstream(file()) << json; }
  std::string file() const { return folder_ / "jwks.json"; }
  void Open(TokenOptions options) {
    options.jwks_file = file();
    options.issuer = "https://issuer";
    auto verifier = TokenVerifier::Create(options);
    ASSERT_TRUE(verifier.ok()) << verifier.status();
    verifier_ = *std::move(verifier);
  }
  TokenClaims Claims() const {
    TokenClaims claims{.subject = "members/ann", .issuer = "https://issuer"};
    claims.key_id = key_.key_id;
    claims.issued_at = kNow;
    claims.life = Minutes(10);
    return claims;
  }
  std::string Mint(const TokenClaims& claims) const {
    return MintToken(claims, key_.private_key_pem).value();
  }
  // Any header and body, signed properly.
  std::string Sign(const std::string& header, const std::string& body) const {
    std::string text = EncodeBase64Url(header) + "." + EncodeBase64Url(body);
    return text + "." +
           EncodeBase64Url(Key::FromPrivatePem(key_.private_key_pem)->Sign(text).value());
  }
  std::string Header(const std::string& more = "") const {
    return R"({"alg":"ES256","typ":"JWT","kid":")" + key_.key_id + "\"" + more + "}";
  }
  std::string Body(const std::string& exp = "1700000600", const std::string& more = "") const {
    return R"({"iss":"https://issuer","sub":"members/ann","aud":"steward","exp":)" + exp + more +
           "}";
  }
  std::string Check(const std::string& token, Time now = kNow) {
    auto verified = verifier_->Verify("Bearer " + token, now);
    if (verified.ok()) {
      return verified->subject;
    }
    EXPECT_EQ(verified.status().code(), absl::StatusCode::kUnauthenticated);
    return ReasonOf(verified.status());
  }

  std::filesystem::path folder_;
  GeneratedKey key_;
  std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(TokenTest, GoodTokensPass) {
  EXPECT_EQ(Check(Mint(Claims())), "members/ann");
  EXPECT_EQ(Check(Mint(Claims())), "members/ann") << "from the cache";
  EXPECT_EQ(Check(Sign(Header(), Body())), "members/ann");
  EXPECT_EQ(Check(Sign(Header(), Body("1700000600.5"))), "members/ann");
  EXPECT_EQ(
      Check(Sign(Header(), Body("1700000600", R"(,"aud2":1,"roles":["x"],"realm":{"a":[1]})"))),
      "members/ann");
  EXPECT_EQ(
      Check(Sign(
          Header(),
          R"({"iss":"https://issuer","sub":"members/ann","aud":["a","steward"],"exp":1700000600})")),
      "members/ann");
  EXPECT_EQ(verifier_->Verify("bEARER " + Mint(Claims()), kNow)->subject, "members/ann");
}

TEST_F(TokenTest, TheIdComesFromTheTokenAndFromTheCacheAlike) {
  const std::string token = Sign(Header(), Body("1700000600", R"(,"jti":"a-1")"));
  EXPECT_EQ(verifier_->Verify("Bearer " + token, kNow)->id, "a-1");
  EXPECT_EQ(verifier_->Verify("Bearer " + token, kNow)->id, "a-1");
  EXPECT_EQ(verifier_->Verify("Bearer " + Sign(Header(), Body()), kNow)->id, "");
  EXPECT_EQ(verifier_->Verify("Bearer " + Mint(Claims()), kNow)->id.size(), 32u);
}

TEST_F(TokenTest, HeadersThatAreRefused) {
  const std::string kid = "\"kid\":\"" + key_.key_id + "\"";
  for (const std::string& header :
       {R"({"alg":"none","typ":"JWT",)" + kid + "}",
        R"({"alg":"None","typ":"JWT",)" + kid + "}",
        R"({"alg":"HS256","typ":"JWT",)" + kid + "}",
        R"({"alg":"RS256","typ":"JWT",)" + kid + "}",
        R"({"alg":"ES384","typ":"JWT",)" + kid + "}",
        R"({"alg":"es256","typ":"JWT",)" + kid + "}",
        R"({"alg":["ES256"],"typ":"JWT",)" + kid + "}",
        R"({"typ":"JWT",)" + kid + "}",
        R"({"alg":"ES256","typ":"JWE",)" + kid + "}",
        R"({"alg":"ES256",)" + kid + "}",
        std::string(R"({"alg":"ES256","typ":"JWT"})"),
        std::string(R"({"alg":"ES256","typ":"JWT","kid":"other"})"),
        std::string(R"({"alg":"ES256","typ":"JWT","kid":"../../etc/passwd"})"),
        std::string(R"({"alg":"ES256","typ":"JWT","kid":"a/b"})"),
        std::string(R"({"alg":"ES256","typ":"JWT","kid":"' OR 1=1"})"),
        std::string(R"({"alg":"ES256","typ":"JWT","kid":7})"),
        std::string(R"({"alg":"ES256","typ":"JWT","kid":""})"),
        Header(R"(,"jku":"https://evil/keys")"),
        Header(R"(,"x5u":"https://evil/cert")"),
        Header(R"(,"x5c":["AA"])"),
        Header(R"(,"jwk":{"kty":"EC"})"),
        Header(R"(,"crit":["exp"])"),
        Header(R"(,"b64":false)"),
        Header(R"(,"zip":"DEF")"),
        Header(R"(,"alg":"ES256")"),
        Header() + " {}",
        std::string("[]"),
        std::string("null"),
        std::string("{"),
        std::string("")}) {
    EXPECT_EQ(Check(Sign(header, Body())), "TOKEN_INVALID") << header;
  }
}

TEST_F(TokenTest, BodiesThatAreRefused) {
  auto body = [](const std::string& iss, const std::string& sub, const std::string& aud,
                 const std::string& rest) {
    return "{\"iss\":" + iss + ",\"sub\":" + sub + ",\"aud\":" + aud + rest + "}";
  };
  const std::string iss = "\"https://issuer\"", sub = "\"members/ann\"", aud = "\"steward\"",
                    exp = ",\"exp\":1700000600";
  for (const std::string& text :
       {body("\"https://other\"", sub, aud, exp),
        body("\"https://issuer/\"", sub, aud, exp),
        body("[\"https://issuer\"]", sub, aud, exp),
        body(iss, sub, "\"other\"", exp),
        body(iss, sub, "[]", exp),
        body(iss, sub, "[\"other\",1]", exp),
        body(iss, sub, "7", exp),
        body(iss, "\"\"", aud, exp),
        body(iss, "7", aud, exp),
        body(iss, "\"a\\u0000b\"", aud, exp),
        body(iss, "\"" + std::string(201, 'x') + "\"", aud, exp),
        body(iss, sub, aud, ""),
        body(iss, sub, aud, ",\"exp\":null"),
        body(iss, sub, aud, ",\"exp\":\"1700000600\""),
        body(iss, sub, aud, ",\"exp\":1700000600,\"exp\":1700000601"),
        body(iss, sub, aud, exp + ",\"sub\":\"members/bob\""),
        body(iss, sub, aud, ",\"exp\":1700001000"),
        body(iss, sub, aud, ",\"exp\":1e300"),
        body(iss, sub, aud, ",\"exp\":-1"),
        body(iss, sub, aud, exp + ",\"nbf\":1700000100"),
        body(iss, sub, aud, exp + ",\"nbf\":\"x\""),
        body(iss, sub, aud, exp + ",\"iat\":1700000100"),
        body(iss, sub, aud, exp + ",\"jti\":7"),
        body(iss, sub, aud, exp + ",\"jti\":[\"a\"]"),
        body(iss, sub, aud, exp + ",\"jti\":\"a\\u0000b\""),
        body(iss, sub, aud, exp + ",\"jti\":\"" + std::string(201, 'x') + "\""),
        body(iss, sub, aud, exp + ",\"deep\":[[[[[[[[[[[[1]]]]]]]]]]]]"),
        body(iss, sub, aud, exp) + "x",
        std::string("[]"),
        std::string("{}"),
        std::string("")}) {
    EXPECT_EQ(Check(Sign(Header(), text)), "TOKEN_INVALID") << text;
  }
}

TEST_F(TokenTest, TimesHaveAMinuteOfLeeway) {
  EXPECT_EQ(Check(Sign(Header(), Body("1699999941"))), "members/ann");
  EXPECT_EQ(Check(Sign(Header(), Body("1699999940"))), "TOKEN_EXPIRED");
  EXPECT_EQ(Check(Sign(Header(), Body("1700000960"))), "members/ann");
  EXPECT_EQ(Check(Sign(Header(), Body("1700000961"))), "TOKEN_INVALID");
  EXPECT_EQ(Check(Sign(Header(), Body("1700000600", ",\"nbf\":1700000060"))), "members/ann");
  EXPECT_EQ(Check(Sign(Header(), Body("1700000600", ",\"nbf\":1700000061"))), "TOKEN_INVALID");
  std::string token = Mint(Claims());
  EXPECT_EQ(Check(token), "members/ann");
  EXPECT_EQ(Check(token, kNow + Minutes(10) + Seconds(59)), "members/ann");
  EXPECT_EQ(Check(token, kNow + Minutes(11)), "TOKEN_EXPIRED")
      << "the cache does not outlive the token";
}

TEST_F(TokenTest, SignaturesThatAreRefused) {
  const std::string token = Mint(Claims());
  const std::string signed_part = token.substr(0, token.rfind('.'));
  const std::string signature = DecodeBase64Url(token.substr(token.rfind('.') + 1)).value();
  for (size_t bit : {0u, 100u, 255u, 256u, 511u}) {
    std::string flipped = signature;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Check(signed_part + "." + EncodeBase64Url(flipped)), "TOKEN_INVALID");
  }
  for (const std::string& other : {std::string(), std::string(64, '\0'), std::string(64, '\xFF'),
                                   signature.substr(1), signature + "x"}) {
    EXPECT_EQ(Check(signed_part + "." + EncodeBase64Url(other)), "TOKEN_INVALID");
  }
  // HMAC with what everybody knows, the public key.
  EXPECT_EQ(Check(signed_part + "." + EncodeBase64Url(HmacSha256(key_.jwks_json, signed_part))),
            "TOKEN_INVALID");
  GeneratedKey other = GenerateSigningKey().value();
  EXPECT_EQ(Check(MintToken(Claims(), other.private_key_pem).value()), "TOKEN_INVALID")
      << "another key under our id";
  EXPECT_EQ(Check(token), "members/ann");
}

TEST_F(TokenTest, ShapesThatAreRefused) {
  const std::string token = Mint(Claims());
  for (const std::string& text :
       {std::string("a"), std::string("a.b"), std::string(".."), token + ".x", token + "=",
        token + " ", "\n" + token, token.substr(0, token.size() - 1), std::string(64 * 1024, 'a'),
        std::string(64 * 1024, '.')}) {
    EXPECT_EQ(Check(text), "TOKEN_INVALID");
  }
  EXPECT_EQ(ReasonOf(verifier_->Verify("", kNow).status()), "TOKEN_MISSING");
  for (const char* scheme : {"Bearer", "Bearer ", "Basic abc", "bearer"}) {
    EXPECT_EQ(ReasonOf(verifier_->Verify(scheme, kNow).status()), "TOKEN_INVALID") << scheme;
  }
  EXPECT_EQ(ReasonOf(verifier_->Verify(token, kNow).status()), "TOKEN_INVALID") << "no scheme";
}

TEST_F(TokenTest, ANewKeyIsFoundOnFirstUseAndAnOldOneStops) {
  std::string old = Mint(Claims());
  EXPECT_EQ(Check(old), "members/ann");
  key_ = GenerateSigningKey().value();
  std::string fresh = Mint(Claims());
  EXPECT_EQ(Check(fresh), "TOKEN_INVALID");
  Open(
      {});  // the reload for unknown ids is rate limited: a new verifier has not used its first one
  WriteKeys(key_.jwks_json);
  EXPECT_EQ(Check(fresh), "members/ann");
  EXPECT_EQ(Check(old), "TOKEN_INVALID") << "its cached verdict went with the key";
}

TEST_F(TokenTest, AllowsRsaFrom2048Bits) {
  const char* n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
      "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9y"
      "BXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
      "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
      "bFTWhAI4vMQFh6WeZu0f"
      "M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
  WriteKeys(std::string(R"({"keys":[{"kty":"RSA","kid":"r1","alg":"RS256","n":")") + n +
            R"(","e":"AQAB"}]})");
  Open({});
  EXPECT_EQ(Check(Sign(R"({"alg":"RS256","typ":"JWT","kid":"r1"})", Body())), "TOKEN_INVALID");
}

TEST_F(TokenTest, KeySetsThatAreRefused) {
  const std::string good =
      R"({"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
  auto create = [&](const std::string& json) {
    WriteKeys(json);
    TokenOptions options{.jwks_file = file(), .issuer = "i"};
    return TokenVerifier::Create(options).status();
  };
  EXPECT_TRUE(create("{\"keys\":[" + good + "]}").ok());
  for (
      const std::string& json :
      {std::string(), std::string("{}"), std::string(R"({"keys":[]})"),
       std::string(R"({"keys":[1]})"), "{\"keys\":[" + good + "," + good + "]}",
       std::string(R"({"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]})"),
       std::string(R"({"keys":[{"kty":"EC","crv":"P-384","kid":"a","x":"AA","y":"AA"}]})"),
       std::string(R"({"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"AA","y":"AA"}]})"),
       std::string(
           R"({"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}]})"),
       std::string(R"({"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]})"),
       "{\"keys\":[" + good.substr(0, good.size() - 1) + R"(,"d":"AA"}]})",
       "{\"keys\":[" + good.substr(0, good.size() - 1) + R"(,"use":"enc"}]})"}) {
    EXPECT_EQ(create(json).code(), absl::StatusCode::kFailedPrecondition) << json;
  }
  std::filesystem::remove(file());
  EXPECT_EQ(TokenVerifier::Create({.jwks_file = file(), .issuer = "i"}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(TokenTest, DevelopmentIssuerIsRefusedInProduction) {
  TokenOptions options{.jwks_file = file(), .issuer = "dev-only"};
  EXPECT_EQ(ReasonOf(TokenVerifier::Create(options).status()), "UNSAFE_PROFILE");
  options.production = false;
  EXPECT_TRUE(TokenVerifier::Create(options).ok());
}

TEST_F(TokenTest, MintingRefusesBadKeys) {
  EXPECT_FALSE(MintToken(Claims(), "no pem").ok());
  TokenClaims claims = Claims();
  claims.key_id = "a/b";
  EXPECT_FALSE(MintToken(claims, key_.private_key_pem).ok());
}

}  // namespace
}  // namespace steward::rpc
