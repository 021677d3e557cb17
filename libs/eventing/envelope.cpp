#include "libs/eventing/envelope.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "google/protobuf/descriptor.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace steward::eventing {
namespace {

constexpr std::string_view kSchemaPrefix = "urn:steward:proto:";
constexpr size_t kMostHeaders = 16;

std::string NameOf(const google::protobuf::FieldDescriptor& field) {
  std::string name = field.name();
  if (const size_t underscore = name.find('_'); underscore != std::string::npos) {
    name[underscore] = '.';
  }
  return name;
}

// The topic message's oneof; a topic message without one is a bug.
const google::protobuf::OneofDescriptor& OneofOf(const google::protobuf::Message& message) {
  const google::protobuf::Descriptor* descriptor = message.GetDescriptor();
  if (descriptor->oneof_decl_count() == 0) {
    std::fprintf(stderr, "%s has no oneof\n", descriptor->full_name().c_str());
    std::abort();
  }
  return *descriptor->oneof_decl(0);
}

const google::protobuf::FieldDescriptor* SetField(const google::protobuf::Message& message) {
  return message.GetReflection()->GetOneofFieldDescriptor(message, &OneofOf(message));
}

// RFC 3339, UTC, always six digits of a fraction.
std::string MicrosecondTime(Time t) {
  std::string text = FormatTime(t);
  if (text.find('.') == std::string::npos) {
    text.insert(text.size() - 1, ".000000");
  }
  return text;
}

std::string Sequence(int64_t version) {
  char text[32];
  std::snprintf(text, sizeof text, "%020lld", static_cast<long long>(version));
  return text;
}

absl::StatusOr<int64_t> ParseSequence(std::string_view text) {
  int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || version <= 0) {
    return absl::InvalidArgumentError("ce_sequence is no version");
  }
  return version;
}

bool HasPrefixIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

absl::Status Unparsable(std::string_view text) { return absl::InvalidArgumentError(ToAbsl(text)); }

absl::Status ReadHeaders(const kafka::Record& record, Event& event) {
  const auto text = [&](std::string_view name) { return HeaderOf(record, name); };
  for (const auto& [name, value] : record.headers) {
    if (!IsCleanUtf8(value)) {
      return Unparsable("header " + name + " is no clean UTF-8");
    }
  }
  if (HasPrefixIgnoringCase(text("content-type"), "application/cloudevents")) {
    return Unparsable("structured mode is not accepted here");
  }
  if (text("ce_specversion") != "1.0") {
    return Unparsable("ce_specversion is not 1.0");
  }
  if (text("ce_subject") != event.aggregate) {
    return Unparsable("ce_subject is not the key");
  }
  ASSIGN_OR_RETURN(event.event_id, Uuid::Parse(text("ce_id")));
  ASSIGN_OR_RETURN(event.occurred_at, ParseTime(text("ce_time")));
  ASSIGN_OR_RETURN(event.recorded_at, ParseTime(text("ce_recordedtime")));
  event.origin.actor = text("ce_actor");
  event.origin.correlation = text("ce_correlationid");
  event.origin.causation = text("ce_causationid");
  event.origin.traceparent = text("ce_traceparent");
  return absl::OkStatus();
}

}  // namespace

const std::vector<std::string>& ParkReasons() {
  static const std::vector<std::string> reasons = {
      std::string(reason::kUnparsable),   std::string(reason::kUnknownType),
      std::string(reason::kSchemaTooNew), std::string(reason::kGap),
      std::string(reason::kDiverged),     std::string(reason::kRefused),
      std::string(reason::kTooLarge),     std::string(reason::kAttemptsExhausted),
      std::string(reason::kBehind)};
  return reasons;
}

std::string Readable(std::string_view text) {
  if (IsCleanUtf8(text)) {
    return std::string(text);
  }
  std::string result;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      result += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
      result += escaped;
    }
  }
  return result;
}

std::string_view HeaderOf(const kafka::Record& record, std::string_view name) {
  for (const auto& [key, value] : record.headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::string EventName(const google::protobuf::Message& topic_message) {
  const google::protobuf::FieldDescriptor* field = SetField(topic_message);
  if (field == nullptr) {
    std::fprintf(stderr, "no event is set in %s\n", topic_message.GetTypeName().c_str());
    std::abort();
  }
  return NameOf(*field);
}

std::vector<std::string> EventNames(const google::protobuf::Message& prototype) {
  const google::protobuf::OneofDescriptor& oneof = OneofOf(prototype);
  std::vector<std::string> names;
  for (int i = 0; i < oneof.field_count(); ++i) {
    names.push_back(NameOf(*oneof.field(i)));
  }
  return names;
}

kafka::Message ToMessage(const Source& source, JournalRow row) {
  kafka::Message message{.topic = source.topic, .key = {}, .value = {}, .headers = {}};
  message.headers.reserve(kMostHeaders);
  // An attribute without a value is left out.
  const auto add = [&](const char* name, std::string value) {
    if (!value.empty()) {
      message.headers.emplace_back(name, std::move(value));
    }
  };
  add("content-type", "application/protobuf");
  add("ce_specversion", "1.0");
  add("ce_id", row.event_id.ToString());
  add("ce_source", "/steward/" + source.service);
  add("ce_dataschema", std::string(kSchemaPrefix) + source.data_schema);
  add("ce_type", source.topic + "." + row.type);
  add("ce_subject", row.aggregate);
  add("ce_partitionkey", row.aggregate);
  add("ce_time", MicrosecondTime(row.occurred_at));
  add("ce_recordedtime", MicrosecondTime(row.recorded_at));
  add("ce_sequence", Sequence(row.aggregate_version));
  add("ce_correlationid", std::move(row.correlation));
  add("ce_causationid", std::move(row.causation));
  add("ce_actor", std::move(row.actor));
  add("ce_traceparent", row.traceparent);
  add("traceparent", std::move(row.traceparent));
  message.key = std::move(row.aggregate);
  message.value = std::move(row.payload);
  return message;
}

Decoded Decode(const kafka::Record& record, const google::protobuf::Message& prototype) {
  Decoded decoded;
  Event& event = decoded.event;
  event.topic = record.topic;
  const auto fail = [&](std::string_view why, std::string text) {
    decoded.reason = why;
    decoded.error = std::move(text);
    return decoded;
  };
  // What decides about order first, so that also an unreadable record has its place if possible.
  if (record.key && !record.key->empty() && record.key->size() <= kMaxKeyBytes &&
      IsCleanUtf8(*record.key)) {
    event.aggregate = *record.key;
  }
  event.type = "unknown";
  const std::string_view type = HeaderOf(record, "ce_type");
  if (type.size() > record.topic.size() + 1 &&
      type.substr(0, record.topic.size()) == record.topic && type[record.topic.size()] == '.' &&
      IsCleanUtf8(type)) {
    event.type = type.substr(record.topic.size() + 1);
  }
  const auto version = ParseSequence(HeaderOf(record, "ce_sequence"));
  event.version = version.value_or(0);

  if (event.aggregate.empty()) {
    return fail(reason::kUnparsable, "the record has no readable key");
  }
  if (!version.ok()) {
    return fail(reason::kUnparsable, std::string(FromAbsl(version.status().message())));
  }
  if (absl::Status headers = ReadHeaders(record, event); !headers.ok()) {
    return fail(reason::kUnparsable, std::string(FromAbsl(headers.message())));
  }
  if (record.value.size() > kMaxPayloadBytes) {
    return fail(reason::kTooLarge, std::to_string(record.value.size()) + " bytes");
  }
  if (record.tombstone) {
    return fail(reason::kUnparsable, "the record has no value");
  }
  std::shared_ptr<google::protobuf::Message> message(prototype.New());
  if (!message->ParseFromString(record.value)) {
    return fail(reason::kUnparsable, "the value does not parse as " + prototype.GetTypeName());
  }
  const google::protobuf::FieldDescriptor* field = SetField(*message);
  if (field == nullptr) {
    const std::string_view schema = HeaderOf(record, "ce_dataschema");
    const bool known = schema == std::string(kSchemaPrefix) + prototype.GetTypeName();
    return fail(known ? reason::kUnknownType : reason::kSchemaTooNew,
                "event " + event.type + " of schema " + std::string(schema) + " is not known here");
  }
  if (NameOf(*field) != event.type) {
    return fail(reason::kUnparsable,
                "ce_type says " + event.type + ", the value is " + NameOf(*field));
  }
  event.message = std::move(message);
  return decoded;
}

}  // namespace steward::eventing
