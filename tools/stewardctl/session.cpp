#include "tools/stewardctl/session.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iostream>
#include <iterator>
#include <thread>
#include <utility>

#include "libs/base/backoff.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "tools/stewardctl/services.h"

namespace stewardctl {
namespace {

using steward::Duration;
using steward::Milliseconds;

std::string Trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  return text;
}

bool MayRepeat(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

// Said before a connection is tried: gRPC ends the process for a certificate without key, and waits in
// silence for a file that is not there.
absl::Status CheckTls(const steward::rpc::ClientOptions& client) {
  const std::pair<const char*, const std::string&> files[] = {
      {"--tls-certificate-file", client.tls_certificate_file},
      {"--tls-key-file", client.tls_key_file},
      {"--tls-ca-file", client.tls_ca_file}};
  const auto empty = [](const auto& file) { return file.second.empty(); };
  if (std::all_of(std::begin(files), std::end(files), empty)) {
    return absl::OkStatus();
  }
  for (const auto& [option, file] : files) {
    if (file.empty()) {
      return steward::FieldInvalid(
          option, "is needed: certificate, key and CA go together, from here or from the context");
    }
    if (access(file.c_str(), R_OK) != 0) {
      return steward::FieldInvalid(option, file + ": cannot be read");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Context> Session::context() {
  const std::string file = FindContextFile(options_.context_file);
  if (file.empty()) {
    return absl::InvalidArgumentError(
        "no running system is known: start one with `make run`, or give --context FILE or "
        "--address HOST:PORT");
  }
  return ReadContext(file);
}

absl::StatusOr<steward::rpc::Client*> Session::ClientOf(const std::string& service) {
  if (const auto found = clients_.find(service); found != clients_.end()) {
    return found->second.get();
  }
  Context context;
  if (options_.address.empty() || !FindContextFile(options_.context_file).empty()) {
    ASSIGN_OR_RETURN(context, this->context());
  }
  const auto or_else = [](const std::string& option, const std::string& from_context) {
    return option.empty() ? from_context : option;
  };
  steward::rpc::ClientOptions client;
  client.target = or_else(options_.address, context.addresses[service]);
  client.tls_certificate_file =
      or_else(options_.tls_certificate_file, context.tls_certificate_file);
  client.tls_key_file = or_else(options_.tls_key_file, context.tls_key_file);
  client.tls_ca_file = or_else(options_.tls_ca_file, context.tls_ca_file);
  if (client.target.empty()) {
    return absl::InvalidArgumentError(
        steward::ToAbsl("the context names no service `" + service + "`"));
  }
  RETURN_IF_ERROR(CheckTls(client));
  auto made = std::make_unique<steward::rpc::Client>(client);
  if (const std::string file = or_else(options_.token_file, context.token_file); !file.empty()) {
    ASSIGN_OR_RETURN(const std::string token, ReadFile(file));
    made->SetToken(Trimmed(token));
  }
  return (clients_[service] = std::move(made)).get();
}

std::string Session::NextRequestId() {
  ++requests_;
  if (options_.request_id.empty()) {
    static steward::RandomIdGenerator ids;
    return ids.NewId(now()).ToString();
  }
  if (requests_ == 1) {
    return options_.request_id;
  }
  // A command of several calls: the same ids again when it is repeated with the same --request-id.
  steward::Uuid id;
  const uint64_t hash[2] = {
      steward::StableHash(options_.request_id + "/" + std::to_string(requests_)),
      steward::StableHash(std::to_string(requests_) + "/" + options_.request_id)};
  std::copy_n(reinterpret_cast<const uint8_t*>(hash), id.bytes.size(), id.bytes.begin());
  return id.ToString();
}

absl::Status Session::Call(std::string_view name, google::protobuf::Message& request,
                           google::protobuf::Message* response) {
  const Method method = FindMethod(name);
  ASSIGN_OR_RETURN(steward::rpc::Client* const client, ClientOf(method.service));
  const auto* id = request.GetDescriptor()->FindFieldByName("request_id");
  if (id != nullptr && request.GetReflection()->GetString(request, id).empty()) {
    request.GetReflection()->SetString(&request, id, NextRequestId());
  }
  const int64_t end = steward::MonotonicMicros() + options_.timeout.micros;
  steward::Backoff backoff(Milliseconds(100), steward::Seconds(1), static_cast<uint64_t>(getpid()));
  while (true) {
    const Duration left{end - steward::MonotonicMicros()};
    const absl::Status status = client->Invoke(method.path(), request, response, left);
    const Duration pause = backoff.Next();
    if (status.ok() || !MayRepeat(status) || pause.micros + steward::MonotonicMicros() >= end) {
      return status;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(pause.micros));
  }
}

absl::Status Session::TryCall(std::string_view name, const google::protobuf::Message& request,
                              google::protobuf::Message* response) {
  const Method method = FindMethod(name);
  ASSIGN_OR_RETURN(steward::rpc::Client* const client, ClientOf(method.service));
  return client->Invoke(method.path(), request, response,
                        std::min(options_.timeout, steward::Seconds(3)));
}

void Session::Write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void Session::Print(const Table& table) {
  Write(json() ? RenderJson(table, options_.format == Format::kJsonl)
               : Render(table, options_.color));
}

void Session::Say(std::string_view text) {
  if (!options_.quiet) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fputc('\n', stderr);
  }
}

absl::Status Session::Confirm(const std::string& question) {
  if (options_.yes) {
    return absl::OkStatus();
  }
  if (isatty(STDIN_FILENO) == 0) {
    return absl::FailedPreconditionError(
        steward::ToAbsl(question + " Give --yes to do it without a question."));
  }
  std::cerr << question << " [y/N] ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes" ? absl::OkStatus()
                                          : absl::FailedPreconditionError("not done");
}

steward::Time Session::now() const { return steward::SystemClock().Now(); }

void Poll(Duration pause, const std::function<bool()>& step) {
  while (std::ferror(stdout) == 0 && step()) {
    std::this_thread::sleep_for(std::chrono::microseconds(pause.micros));
  }
}

}  // namespace stewardctl
