#pragma once
// Messages as people or programs read them. The only place that formats answers.

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace stewardctl {

enum class Format { kTable, kJson, kJsonl };

// The one list that an answer consists of (besides its page token); null when it is no list.
const google::protobuf::FieldDescriptor* ListField(const google::protobuf::Descriptor& answer);

// kTable: a list as a table, anything else as `name  value` lines with its lists as tables. kJson:
// one JSON value. kJsonl: one line, for a list one line an element. Ends with a newline unless
// empty.
std::string RenderMessage(const google::protobuf::Message& message, Format format, bool color);

// One JSON object with the field names of the proto files: on one line or indented, with or without
// fields that are not set.
enum class JsonStyle { kLine, kIndented, kCompact };
std::string ToJson(const google::protobuf::Message& message, JsonStyle style = JsonStyle::kLine);

// What stands at `path` (`ticket.state`, `roles.role`), as text for one cell: several values are
// joined by commas.
std::string Cell(const google::protobuf::Message& message, const std::string& path);

}  // namespace stewardctl
