#pragma once
// Internal: a journal row as a CloudEvents record in binary mode, and back.

#include <string>
#include <string_view>
#include <vector>

#include "libs/eventing/consumer.h"
#include "libs/eventing/journal.h"
#include "libs/kafka/kafka.h"

namespace steward::eventing {

inline constexpr size_t kMaxPayloadBytes = 256 * 1024;
// A longer key is no resource name, and would not fit an index.
inline constexpr size_t kMaxKeyBytes = 512;

// Why a record is parked: a closed set, also a metric's label.
namespace reason {
inline constexpr std::string_view kUnparsable = "unparsable";
inline constexpr std::string_view kUnknownType = "unknown_type";
inline constexpr std::string_view kSchemaTooNew = "schema_too_new";
inline constexpr std::string_view kGap = "gap";
inline constexpr std::string_view kDiverged = "diverged";
inline constexpr std::string_view kRefused = "refused";
inline constexpr std::string_view kTooLarge = "too_large";
inline constexpr std::string_view kAttemptsExhausted = "attempts_exhausted";
inline constexpr std::string_view kBehind = "behind";
}  // namespace reason
const std::vector<std::string>& ParkReasons();

// Where a record comes from.
struct Source {
  std::string service;
  std::string topic;
  std::string data_schema;  // full name of the topic message
};

kafka::Message ToMessage(const Source& source, JournalRow row);

// A record as far as it could be read. With an empty `reason` it is a whole event; else `event` holds what is
// readable: an empty aggregate means no readable key, version 0 no readable version.
struct Decoded {
  Event event;
  std::string_view reason;
  std::string error;
};
Decoded Decode(const kafka::Record& record, const google::protobuf::Message& prototype);

// The names an input can carry, in the order of its oneof.
std::vector<std::string> EventNames(const google::protobuf::Message& prototype);

// Text that any table takes: NUL and what is no UTF-8 are written as \xNN.
std::string Readable(std::string_view text);

// Value of a header; empty when it is missing.
std::string_view HeaderOf(const kafka::Record& record, std::string_view name);

}  // namespace steward::eventing
