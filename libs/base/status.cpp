#include "libs/base/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace steward {
namespace {

// The payload: a format byte, then length-prefixed strings. It never leaves the process.
constexpr char kPayloadUrl[] = "steward/refusal";
constexpr char kFormat = 1;

void PutNumber(std::string& out, uint64_t n) {
  for (; n >= 0x80; n >>= 7) {
    out.push_back(static_cast<char>(n | 0x80));
  }
  out.push_back(static_cast<char>(n));
}

void PutText(std::string& out, std::string_view text) {
  PutNumber(out, text.size());
  out.append(text);
}

std::string Encode(const Refusal& refusal) {
  std::string out(1, kFormat);
  PutText(out, refusal.reason);
  PutNumber(out, refusal.metadata.size());
  for (const auto& [key, value] : refusal.metadata) {
    PutText(out, key);
    PutText(out, value);
  }
  PutNumber(out, refusal.fields.size());
  for (const FieldViolation& field : refusal.fields) {
    PutText(out, field.field);
    PutText(out, field.description);
  }
  PutNumber(out, refusal.retry_after_ms.has_value() ? 1 : 0);
  if (refusal.retry_after_ms) {
    PutNumber(out, static_cast<uint64_t>(*refusal.retry_after_ms));
  }
  return out;
}

// Reads what Encode wrote; `ok` turns false on anything else.
struct Reader {
  std::string_view rest;
  bool ok = true;

  uint64_t Number() {
    uint64_t n = 0;
    for (int shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      uint8_t byte = static_cast<uint8_t>(rest.front());
      rest.remove_prefix(1);
      n |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) {
        return n;
      }
    }
    ok = false;
    return 0;
  }

  std::string Text() {
    uint64_t size = Number();
    if (!ok || size > rest.size()) {
      ok = false;
      return "";
    }
    std::string out(rest.substr(0, size));
    rest.remove_prefix(size);
    return out;
  }
};

std::optional<Refusal> Decode(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kFormat) {
    return std::nullopt;
  }
  Reader reader{bytes.substr(1)};
  Refusal refusal;
  refusal.reason = reader.Text();
  for (uint64_t n = reader.Number(); reader.ok && n > 0; --n) {
    std::string key = reader.Text();
    refusal.metadata.emplace_back(std::move(key), reader.Text());
  }
  for (uint64_t n = reader.Number(); reader.ok && n > 0; --n) {
    std::string field = reader.Text();
    refusal.fields.push_back({std::move(field), reader.Text()});
  }
  if (reader.Number() == 1) {
    refusal.retry_after_ms = static_cast<int64_t>(reader.Number());
  }
  if (!reader.ok || !reader.rest.empty()) {
    return std::nullopt;
  }
  return refusal;
}

}  // namespace

absl::Status Refuse(absl::StatusCode code, std::string_view message, Refusal refusal) {
  absl::Status status(code, ToAbsl(message));
  status.SetPayload(kPayloadUrl, absl::Cord(Encode(refusal)));
  return status;
}

std::optional<Refusal> RefusalOf(const absl::Status& status) {
  absl::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  if (!payload) {
    return std::nullopt;
  }
  return Decode(std::string(*payload));
}

std::string ReasonOf(const absl::Status& status) {
  std::optional<Refusal> refusal = RefusalOf(status);
  return refusal ? refusal->reason : "";
}

absl::Status FieldInvalid(std::string_view field, std::string_view description) {
  return FieldsInvalid({{std::string(field), std::string(description)}});
}

absl::Status FieldsInvalid(std::vector<FieldViolation> fields) {
  std::string message =
      absl::StrJoin(fields, "; ", [](std::string* out, const FieldViolation& violation) {
        absl::StrAppend(out, violation.field, ": ", violation.description);
      });
  return Refuse(absl::StatusCode::kInvalidArgument, message,
                {.reason = "FIELD_INVALID",
                 .metadata = {},
                 .fields = std::move(fields),
                 .retry_after_ms = {}});
}

absl::Status NotFound(std::string_view name) {
  return Refuse(absl::StatusCode::kNotFound,
                absl::StrCat(ToAbsl(name), " does not exist, or is out of your reach"),
                {.reason = "NOT_FOUND",
                 .metadata = {{"name", std::string(name)}},
                 .fields = {},
                 .retry_after_ms = {}});
}

absl::Status EtagMismatch(std::string_view name, std::string_view current_etag) {
  return Refuse(absl::StatusCode::kAborted,
                absl::StrCat(ToAbsl(name), " was changed meanwhile; its etag is ",
                             ToAbsl(current_etag), "; read it again and repeat"),
                {.reason = "ETAG_MISMATCH",
                 .metadata = {{"name", std::string(name)}, {"etag", std::string(current_etag)}},
                 .fields = {},
                 .retry_after_ms = {}});
}

absl::Status IllegalTransition(std::string_view from, std::string_view action,
                               std::string_view allowed) {
  return Refuse(absl::StatusCode::kFailedPrecondition,
                absl::StrCat(ToAbsl(action), " is not allowed from ", ToAbsl(from), "; allowed: ",
                             allowed.empty() ? absl::string_view("nothing") : ToAbsl(allowed)),
                {.reason = "ILLEGAL_TRANSITION",
                 .metadata = {{"from", std::string(from)},
                              {"action", std::string(action)},
                              {"allowed", std::string(allowed)}},
                 .fields = {},
                 .retry_after_ms = {}});
}

}  // namespace steward
