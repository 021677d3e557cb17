// stewardctl auth: development tokens and keys.

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "libs/base/status.h"
#include "libs/rpc/identity.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/session.h"
#include "tools/stewardctl/yaml.h"

namespace stewardctl {
namespace {

// The `kid` of the first key of a JWKS file.
absl::StatusOr<std::string> KeyIdOf(const std::string& jwks_file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(jwks_file));
  ASSIGN_OR_RETURN(const auto root, YamlTopLevel(text));
  for (const auto& [key, keys] : root) {
    if (key != "keys") {
      continue;
    }
    ASSIGN_OR_RETURN(const auto elements, JsonElements(keys));
    if (!elements.empty()) {
      ASSIGN_OR_RETURN(const auto fields, YamlTopLevel(elements.front()));
      for (const auto& [name, value] : fields) {
        if (name == "kid") {
          return value;
        }
      }
    }
  }
  return absl::InvalidArgumentError(steward::ToAbsl(jwks_file + ": no key with a `kid`"));
}

absl::Status Token(Session& session, const Args& args) {
  Context context;
  if (!args.Has("key")) {
    ASSIGN_OR_RETURN(context, session.context());
  }
  const std::string key_file = args.Text("key", context.signing_key_file);
  if (key_file.empty()) {
    return steward::FieldInvalid("--key", "the context names no signing key; give one");
  }
  const auto life = steward::ParseDuration(args.Text("life", "24h"));
  if (!life.ok() || life->micros <= 0) {
    return steward::FieldInvalid("--life", "is a span such as 15m or 24h");
  }
  steward::rpc::TokenClaims claims;
  claims.subject = args.Text("as").find('/') == std::string::npos ? "members/" + args.Text("as")
                                                                  : args.Text("as");
  claims.issuer = args.Text("issuer", context.issuer.empty() ? "dev-only" : context.issuer);
  claims.audience = args.Text("audience", "steward");
  claims.issued_at = session.now();
  claims.life = *life;
  claims.key_id = args.Text("key-id");
  if (claims.key_id.empty()) {
    const auto beside = std::filesystem::path(key_file).parent_path() / "token-jwks.json";
    ASSIGN_OR_RETURN(claims.key_id, KeyIdOf(args.Text("jwks", beside)));
  }
  ASSIGN_OR_RETURN(const std::string pem, ReadFile(key_file));
  ASSIGN_OR_RETURN(const std::string token, steward::rpc::MintToken(claims, pem));
  session.Write(token + "\n");
  return absl::OkStatus();
}

// A new file that only its owner reads; never over an existing one.
absl::Status WriteNewFile(const std::filesystem::path& file, const std::string& text, mode_t mode) {
  const int handle = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (handle < 0) {
    return absl::FailedPreconditionError(
        steward::ToAbsl(file.string() + ": cannot be made, or exists"));
  }
  const bool whole = write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(handle);
  return whole ? absl::OkStatus()
               : absl::InternalError(steward::ToAbsl(file.string() + ": not written"));
}

absl::Status Keygen(Session& session, const Args& args) {
  const std::filesystem::path folder = args.Text("FOLDER");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  ASSIGN_OR_RETURN(const auto key, steward::rpc::GenerateSigningKey());
  RETURN_IF_ERROR(WriteNewFile(folder / "token-signing-key.pem", key.private_key_pem, 0600));
  RETURN_IF_ERROR(WriteNewFile(folder / "token-jwks.json", key.jwks_json, 0644));
  session.Say("key " + key.key_id + ": private key and JWKS are in " + folder.string());
  return absl::OkStatus();
}

}  // namespace

void AddAuth(Tool& tool) {
  tool.Group("auth", "Tokens: keys and tokens of the development profile, and which are denied.");
  tool.Add(
      {"auth token",
       "Makes a token for a member, signed with the development key.",
       "stewardctl auth token --as operator > operator.token\n"
       "stewardctl auth token --as members/agent-east-1 --key token-signing-key.pem --life 15m",
       {Option("as", "`members/{id}` or the id.").Needed(),
        Option("key", "Private key, PEM (default: the context's)."),
        Option("jwks", "JWKS with the key's id (default: token-jwks.json beside the key)."),
        Option("key-id", "The key's id, instead of looking into the JWKS."),
        Option("issuer", "Issuer (default: the context's, else dev-only)."),
        Option("audience", "Audience (default steward)."),
        Option("life", "How long it is good (default 24h).")},
       Token});
  tool.Add({"auth keygen",
            "Makes a signing key and its JWKS in a folder.",
            "stewardctl auth keygen keys",
            {Positional("FOLDER", "Where.")},
            Keygen});
}

}  // namespace stewardctl
