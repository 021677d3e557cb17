#include "tools/stewardctl/fill.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/base/day.h"
#include "libs/base/status.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "tools/stewardctl/amounts.h"

namespace stewardctl {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using steward::Time;

std::string Upper(std::string text) {
  for (char& c : text) {
    c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return text;
}

absl::Status Wrong(const std::string& text, const std::string& wanted) {
  return absl::InvalidArgumentError(steward::ToAbsl("`" + text + "` is no " + wanted));
}

// `new-only` is NEW_ONLY, `full` is TICKET_VIEW_FULL.
const EnumValueDescriptor* FindValue(const EnumDescriptor& type, const std::string& text) {
  const std::string wanted = Upper(text);
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string& name = type.value(i)->name();
    if (type.value(i)->number() != 0 && (name == wanted || name.ends_with("_" + wanted))) {
      return type.value(i);
    }
  }
  return nullptr;
}

std::string NamesOf(const EnumDescriptor& type) {
  std::string names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) {
      names += (names.empty() ? "" : ", ") + type.value(i)->name();
    }
  }
  return names;
}

template <class Number>
absl::StatusOr<Number> ParseNumber(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Wrong(text, "number");
  }
  return number;
}

absl::Status SetEnum(const FieldDescriptor& field, const std::string& text, Message* message) {
  const EnumValueDescriptor* value = FindValue(*field.enum_type(), text);
  if (value == nullptr) {
    return Wrong(text, "value of " + field.name() + "; there are " + NamesOf(*field.enum_type()));
  }
  if (field.is_repeated()) {
    message->GetReflection()->AddEnum(message, &field, value);
  } else {
    message->GetReflection()->SetEnum(message, &field, value);
  }
  return absl::OkStatus();
}

absl::Status SetMessage(const FieldDescriptor& field, const std::string& text, Time now,
                        Message* message) {
  Message* child = message->GetReflection()->MutableMessage(message, &field);
  if (auto* time = dynamic_cast<google::protobuf::Timestamp*>(child)) {
    ASSIGN_OR_RETURN(const Time when, ParseWhen(text, now));
    *time = steward::rpc::ToProto(when);
    return absl::OkStatus();
  }
  if (auto* duration = dynamic_cast<google::protobuf::Duration*>(child)) {
    ASSIGN_OR_RETURN(const steward::Duration span, steward::ParseDuration(text));
    *duration = steward::rpc::ToProto(span);
    return absl::OkStatus();
  }
  if (auto* money = dynamic_cast<google::type::Money*>(child)) {
    const absl::StatusOr<steward::Money> amount = ParseAmount(text);
    if (!amount.ok()) {
      return Wrong(text, "amount with its currency, such as 12345.60CNY");
    }
    steward::rpc::ToProto(*amount, money);
    return absl::OkStatus();
  }
  if (auto* date = dynamic_cast<google::type::Date*>(child)) {
    const absl::StatusOr<absl::CivilDay> day = steward::ParseDay(field.name(), text);
    if (!day.ok()) {
      return Wrong(text, "day; use 2026-01-02");
    }
    steward::rpc::ToProto(*day, date);
    return absl::OkStatus();
  }
  return Wrong(text, "value for " + field.full_name());
}

absl::Status SetScalar(const FieldDescriptor& field, const std::string& text, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      field.is_repeated() ? reflection.AddString(message, &field, text)
                          : reflection.SetString(message, &field, text);
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.SetBool(message, &field, text != "false");
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_INT32: {
      ASSIGN_OR_RETURN(const int32_t number, ParseNumber<int32_t>(text));
      reflection.SetInt32(message, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      ASSIGN_OR_RETURN(const int64_t number, ParseNumber<int64_t>(text));
      reflection.SetInt64(message, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      ASSIGN_OR_RETURN(const double number, ParseNumber<double>(text));
      reflection.SetDouble(message, &field, number);
      return absl::OkStatus();
    }
    default:
      return Wrong(text, "value for " + field.full_name());
  }
}

absl::Status SetMapEntry(const FieldDescriptor& field, const std::string& key,
                         const std::string& text, Message* message) {
  Message* entry = message->GetReflection()->AddMessage(message, &field);
  entry->GetReflection()->SetString(entry, field.message_type()->map_key(), key);
  return SetScalar(*field.message_type()->map_value(), text, entry);
}

std::string FieldPath(const Arg& arg) {
  if (!arg.field.empty()) {
    return arg.field;
  }
  std::string path = arg.name;
  std::replace(path.begin(), path.end(), '-', '_');
  return path;
}

std::vector<std::string> ValuesOf(const Arg& arg, const Args& given) {
  if (!given.Has(arg.name)) {
    return arg.otherwise.empty() ? std::vector<std::string>()
                                 : std::vector<std::string>{arg.otherwise};
  }
  return arg.kind == Arg::Kind::kFlag ? std::vector<std::string>{"true"} : given.Texts(arg.name);
}

std::string InCollection(const Arg& arg, const std::string& value) {
  const bool bare =
      !arg.collection.empty() && !value.empty() && value.find('/') == std::string::npos;
  return bare ? arg.collection + "/" + value : value;
}

// An update takes the fields that were given: `member.display_name` adds `display_name` to the
// mask.
void FillMask(const std::vector<Arg>& declared, const Args& given, Message* request) {
  const FieldDescriptor* mask = request->GetDescriptor()->FindFieldByName("update_mask");
  if (mask == nullptr) {
    return;
  }
  for (const Arg& arg : declared) {
    const std::string path = FieldPath(arg);
    const size_t dot = path.find('.');
    if (!given.Has(arg.name) || dot == std::string::npos || path.starts_with("update_mask.")) {
      continue;
    }
    const std::string field = path.substr(dot + 1, path.find_first_of(".[", dot + 1) - dot - 1);
    if (field != "name" && field != "etag") {
      Message* paths = request->GetReflection()->MutableMessage(request, mask);
      paths->GetReflection()->AddString(paths, paths->GetDescriptor()->FindFieldByName("paths"),
                                        field);
    }
  }
}

}  // namespace

absl::StatusOr<Time> ParseWhen(const std::string& text, Time now) {
  if (text == "now") {
    return now;
  }
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    const auto span = steward::ParseDuration(std::string_view(text).substr(text[0] == '+' ? 1 : 0));
    return span.ok() ? absl::StatusOr<Time>(now + *span) : Wrong(text, "span such as -10m or +2h");
  }
  const auto time = steward::ParseTime(text);
  return time.ok() ? time : Wrong(text, "time; use 2026-01-02T03:04:05Z, now, -10m or +2h");
}

absl::Status SetField(std::string_view path, const std::string& text, Time now, Message* message) {
  const size_t dot = path.find('.');
  const std::string name(path.substr(0, std::min(dot, path.find('['))));
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) {
    std::fprintf(stderr, "%s has no field %s\n", message->GetDescriptor()->full_name().c_str(),
                 name.c_str());
    std::abort();  // paths are written in this program
  }
  if (dot != std::string_view::npos) {
    const Reflection& reflection = *message->GetReflection();
    Message* child = field->is_repeated() ? reflection.AddMessage(message, field)
                                          : reflection.MutableMessage(message, field);
    return SetField(path.substr(dot + 1), text, now, child);
  }
  if (field->is_map()) {
    const size_t open = path.find('[');
    return SetMapEntry(*field, std::string(path.substr(open + 1, path.size() - open - 2)), text,
                       message);
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return SetEnum(*field, text, message);
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return SetMessage(*field, text, now, message);
  }
  return SetScalar(*field, text, message);
}

absl::Status FillRequest(const std::vector<Arg>& declared, const Args& given, Time now,
                         Message* request) {
  for (const Arg& arg : declared) {
    for (const std::string& value :
         arg.field == "-" ? std::vector<std::string>() : ValuesOf(arg, given)) {
      const absl::Status set = SetField(FieldPath(arg), InCollection(arg, value), now, request);
      if (!set.ok()) {
        return steward::FieldInvalid(arg.positional ? arg.name : "--" + arg.name,
                                     steward::FromAbsl(set.message()));
      }
    }
  }
  FillMask(declared, given, request);
  return absl::OkStatus();
}

}  // namespace stewardctl
