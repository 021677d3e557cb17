#include "tools/stewardctl/context.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "libs/base/status.h"

namespace stewardctl {
namespace {

using nlohmann::json;

std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

void ReadServices(const json& services, Context* context) {
  for (const auto& [name, value] : services.items()) {
    if (value.is_string()) {
      context->addresses[name] = value.get<std::string>();
    } else if (value.is_object()) {
      context->addresses[name] = TextOf(value, "address");
      context->admin[name] = TextOf(value, "admin");
    }
  }
}

// Either names of files, or `mutual`: then they lie beside the signing key, where the development
// system makes them.
void ReadTls(const json& tls, Context* context) {
  if (tls.is_object()) {
    context->tls_certificate_file = TextOf(tls, "certificate_file");
    context->tls_key_file = TextOf(tls, "key_file");
    context->tls_ca_file = TextOf(tls, "ca_file");
  } else if (tls == "mutual") {
    const std::filesystem::path folder =
        std::filesystem::path(context->signing_key_file).parent_path() / "tls";
    context->tls_certificate_file = folder / "stewardctl.pem";
    context->tls_key_file = folder / "stewardctl.key";
    context->tls_ca_file = folder / "ca.pem";
  }
}

}  // namespace

absl::StatusOr<Context> ParseContext(const std::string& text) {
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object() || !root.contains("services") || !root["services"].is_object()) {
    return absl::InvalidArgumentError("no JSON object with `services`");
  }
  Context context;
  ReadServices(root["services"], &context);
  context.token_file = TextOf(root, "token_file");
  context.signing_key_file = TextOf(root, "signing_key_file");
  context.issuer = TextOf(root, "issuer");
  context.kafka = TextOf(root, "kafka");
  if (root.contains("tls")) {
    ReadTls(root["tls"], &context);
  }
  return context;
}

absl::StatusOr<Context> ReadContext(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  auto context = ParseContext(text);
  if (!context.ok()) {
    return absl::InvalidArgumentError(
        steward::ToAbsl(file + ": " + std::string(context.status().message())));
  }
  return context;
}

std::string FindContextFile(const std::string& named) {
  if (!named.empty()) {
    return named;
  }
  if (const char* environment = std::getenv("STEWARD_CONTEXT");
      environment != nullptr && *environment != '\0') {
    return environment;
  }
  std::error_code error;
  for (auto folder = std::filesystem::current_path(error); !folder.empty();
       folder = folder.parent_path()) {
    const auto file = folder / ".run" / "context.json";
    if (std::filesystem::exists(file, error)) {
      return file;
    }
    if (folder == folder.root_path()) {
      break;
    }
  }
  return "";
}

absl::StatusOr<std::string> ReadFile(const std::string& file) {
  std::stringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream stream(file);
  if (!stream || !(text << stream.rdbuf())) {
    return absl::InvalidArgumentError(steward::ToAbsl(file + ": cannot be read, or is empty"));
  }
  return text.str();
}

}  // namespace stewardctl
