#include <algorithm>
#include <cctype>

#include "absl/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/base/status.h"
#include "libs/rpc/client.h"

namespace steward::rpc {
namespace {

// gRPC percent-encodes the message and base64-encodes the details; together they must stay below
// the 8 KiB that clients accept as trailing metadata, or the whole connection ends.
constexpr size_t kMaxMessageBytes = 600;
constexpr size_t kMaxDetailsBytes = 4'096;
constexpr size_t kMaxTextBytes = 300;
constexpr size_t kMaxMetadata = 16;

constexpr std::string_view kReasons[] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::string_view DefaultReason(int code) {
  return code >= 0 && code < static_cast<int>(std::size(kReasons)) ? kReasons[code] : kReasons[2];
}

// Cuts at a character's boundary.
std::string Cut(std::string_view text, size_t limit) {
  if (text.size() <= limit) {
    return std::string(text);
  }
  size_t end = limit - 3;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return std::string(text.substr(0, end)) + "...";
}

template <class Detail>
void Pack(const Detail& detail, google::rpc::Status* status) {
  status->add_details()->PackFrom(detail);
}

google::rpc::ErrorInfo InfoOf(const Refusal& refusal, int code, std::string_view service) {
  google::rpc::ErrorInfo info;
  info.set_domain(std::string(service) + ".steward");
  info.set_reason(refusal.reason.empty() ? std::string(DefaultReason(code)) : refusal.reason);
  for (const auto& [key, value] : refusal.metadata) {
    if (info.metadata_size() < static_cast<int>(kMaxMetadata)) {
      (*info.mutable_metadata())[Cut(key, 64)] = Cut(value, kMaxTextBytes);
    }
  }
  return info;
}

google::rpc::BadRequest BadRequestOf(const std::vector<FieldViolation>& fields, size_t room) {
  google::rpc::BadRequest bad;
  for (const FieldViolation& field : fields) {
    auto* violation = bad.add_field_violations();
    violation->set_field(Cut(field.field, kMaxTextBytes));
    violation->set_description(Cut(field.description, kMaxTextBytes));
    if (bad.ByteSizeLong() > room) {
      bad.mutable_field_violations()->RemoveLast();
      break;
    }
  }
  return bad;
}

void PackResource(const Refusal& refusal, google::rpc::Status* out) {
  for (const auto& [key, value] : refusal.metadata) {
    if (key == "name") {
      google::rpc::ResourceInfo resource;
      resource.set_resource_name(Cut(value, kMaxTextBytes));
      resource.set_resource_type(Cut(value.substr(0, value.find('/')), kMaxTextBytes));
      Pack(resource, out);
      return;
    }
  }
}

bool IsUnexpected(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

}  // namespace

WireStatus ToWire(const absl::Status& status, std::string_view service) {
  if (status.ok()) {
    return {0, "", ""};
  }
  std::optional<Refusal> refusal = RefusalOf(status);
  int code = status.raw_code();
  std::string message = Cut(FromAbsl(status.message()), kMaxMessageBytes);
  if (!refusal) {
    refusal.emplace();
    if (IsUnexpected(status.code())) {
      message = "internal error";  // its text was not written for callers
    }
  }
  google::rpc::Status out;
  out.set_code(code);
  out.set_message(message);
  Pack(InfoOf(*refusal, code, service), &out);
  if (refusal->retry_after_ms) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(*refusal->retry_after_ms / 1'000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(*refusal->retry_after_ms % 1'000) *
                                           1'000'000);
    Pack(retry, &out);
  }
  if (status.code() == absl::StatusCode::kNotFound) {
    PackResource(*refusal, &out);
  }
  size_t used = out.ByteSizeLong() + 128;
  if (!refusal->fields.empty() && used < kMaxDetailsBytes) {
    Pack(BadRequestOf(refusal->fields, kMaxDetailsBytes - used), &out);
  }
  if (out.ByteSizeLong() > kMaxDetailsBytes) {
    Refusal slim{.reason = refusal->reason};
    out.clear_details();
    Pack(InfoOf(slim, code, service), &out);
  }
  return {code, message, out.SerializeAsString()};
}

absl::Status FromWire(int code, std::string_view message, std::string_view details) {
  if (code == 0) {
    return absl::OkStatus();
  }
  absl::StatusCode canonical =
      code > 0 && code <= 16 ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown;
  google::rpc::Status in;
  if (details.empty() || !in.ParseFromArray(details.data(), static_cast<int>(details.size()))) {
    return absl::Status(canonical, ToAbsl(message));
  }
  Refusal refusal;
  for (const google::protobuf::Any& detail : in.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info)) {
      refusal.reason = info.reason();
      refusal.metadata.assign(info.metadata().begin(), info.metadata().end());
      std::sort(refusal.metadata.begin(), refusal.metadata.end());
    } else if (detail.UnpackTo(&bad)) {
      for (const auto& field : bad.field_violations()) {
        refusal.fields.push_back({field.field(), field.description()});
      }
    } else if (detail.UnpackTo(&retry)) {
      refusal.retry_after_ms =
          retry.retry_delay().seconds() * 1'000 + retry.retry_delay().nanos() / 1'000'000;
    }
  }
  return Refuse(canonical, message, std::move(refusal));
}

}  // namespace steward::rpc
