#include "tools/stewardctl/output.h"

#include <algorithm>

#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "libs/base/day.h"
#include "libs/base/text.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "tools/stewardctl/columns.h"
#include "tools/stewardctl/table.h"

namespace stewardctl {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// `STATUS_RUNNING` of enum Status reads RUNNING; what is not set reads nothing.
std::string EnumText(const EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr || number == 0) {
    return value == nullptr ? std::to_string(number) : "";
  }
  std::string prefix;
  for (const char c : type.name()) {
    prefix += (std::isupper(static_cast<unsigned char>(c)) != 0 && !prefix.empty()) ? "_" : "";
    prefix += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  prefix += '_';
  return value->name().starts_with(prefix) ? value->name().substr(prefix.size()) : value->name();
}

std::string Seconds(const google::protobuf::Timestamp& time) {
  google::protobuf::Timestamp whole = time;
  whole.set_nanos(0);
  return steward::FormatTime(steward::rpc::FromProto(whole));
}

std::string FieldText(const Message& message, const FieldDescriptor& field);

// A small message in one cell: `wall_clock 48h`, `share_percent 80`; a flag is its name alone.
std::string ShortText(const Message& message) {
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  std::string text;
  for (const FieldDescriptor* field : set) {
    const bool flag = field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
    text +=
        (text.empty() ? "" : ", ") + field->name() + (flag ? "" : " " + FieldText(message, *field));
  }
  return text;
}

std::string MessageText(const Message& message) {
  if (const auto* time = dynamic_cast<const google::protobuf::Timestamp*>(&message)) {
    return Seconds(*time);
  }
  if (const auto* duration = dynamic_cast<const google::protobuf::Duration*>(&message)) {
    return steward::FormatDuration(
        steward::Duration{steward::rpc::FromProto(*duration).micros / 1'000'000 * 1'000'000});
  }
  if (const auto* date = dynamic_cast<const google::type::Date*>(&message)) {
    const auto day = steward::rpc::FromProto("", *date);
    return day.ok() ? steward::FormatDay(*day) : "";
  }
  if (const auto* money = dynamic_cast<const google::type::Money*>(&message)) {
    const auto amount = steward::rpc::FromProto("", *money);
    return amount.ok() ? steward::FormatMoney(*amount) : "";
  }
  return ShortText(message);
}

// One value of a field; `index` for a repeated one.
std::string ValueText(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& r = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? r.GetRepeatedString(message, &field, index) : r.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? r.GetRepeatedBool(message, &field, index) : r.GetBool(message, &field)) ? "yes"
                                                                                             : "";
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(many ? r.GetRepeatedInt32(message, &field, index)
                                 : r.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(many ? r.GetRepeatedInt64(message, &field, index)
                                 : r.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      std::string text = std::to_string(many ? r.GetRepeatedDouble(message, &field, index)
                                             : r.GetDouble(message, &field));
      text.erase(text.find_last_not_of('0') + 1);
      return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumText(*field.enum_type(), many ? r.GetRepeatedEnumValue(message, &field, index)
                                               : r.GetEnumValue(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(many ? r.GetRepeatedMessage(message, &field, index)
                              : r.GetMessage(message, &field));
    default:
      return "";
  }
}

int Count(const Message& message, const FieldDescriptor& field) {
  const Reflection& r = *message.GetReflection();
  if (field.is_repeated()) {
    return r.FieldSize(message, &field);
  }
  return !field.has_presence() || r.HasField(message, &field) ? 1 : 0;
}

// `East · 东区`: names by language, in the order of the languages.
std::string MapText(const Message& message, const FieldDescriptor& field, bool with_keys) {
  std::vector<std::string> entries;
  for (int i = 0; i < Count(message, field); ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    const std::string key = ValueText(entry, *field.message_type()->map_key(), 0);
    const std::string value = ValueText(entry, *field.message_type()->map_value(), 0);
    entries.push_back(with_keys ? key + "=" + value : value);
  }
  std::sort(entries.begin(), entries.end());
  std::string text;
  for (const std::string& entry : entries) {
    text += (text.empty() ? "" : with_keys ? ", " : " · ") + entry;
  }
  return text;
}

std::string FieldText(const Message& message, const FieldDescriptor& field) {
  if (field.is_map()) {
    return MapText(message, field, field.name() != "display_names");
  }
  std::string text;
  for (int i = 0; i < Count(message, field); ++i) {
    text += (i == 0 ? "" : ",") + ValueText(message, field, i);
  }
  return text;
}

bool IsPlainMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_map() &&
         !field.message_type()->full_name().starts_with("google.protobuf.") &&
         !field.message_type()->full_name().starts_with("google.type.");
}

Table ListTable(const Message& message, const FieldDescriptor& list) {
  Table table;
  std::vector<Column> columns = ColumnsOf(*list.message_type());
  for (int row = 0; row < Count(message, list); ++row) {
    const Message& element = message.GetReflection()->GetRepeatedMessage(message, &list, row);
    table.rows.emplace_back();
    for (const Column& column : columns) {
      table.rows.back().push_back(Cell(element, column.path));
    }
  }
  for (const Column& column : columns) {
    table.header.push_back(column.header);
  }
  return table;
}

std::string RecordLine(const std::string& name, const std::string& value, size_t width) {
  return name + std::string(width - std::min(width, name.size()) + 2, ' ') + Printable(value) +
         "\n";
}

// One line; a map of texts has one line an entry, names in several languages stay together.
std::string RecordLines(const Message& message, const FieldDescriptor& field, size_t width) {
  if (!field.is_map() || field.name() == "display_names") {
    return RecordLine(field.name(), FieldText(message, field), width);
  }
  std::vector<std::string> lines;
  for (int i = 0; i < Count(message, field); ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    const std::string key = ValueText(entry, *field.message_type()->map_key(), 0);
    lines.push_back(RecordLine(field.name() + "." + key,
                               ValueText(entry, *field.message_type()->map_value(), 0), width));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) {
    text += line;
  }
  return text;
}

// `name  value` for plain fields, then messages and lists one after the other under their names.
std::string RenderRecord(const Message& message, const std::string& title, bool color) {
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  std::string lines, parts;
  size_t width = 0;
  for (const auto* field : set) {
    width = IsPlainMessage(*field) ? width : std::max(width, field->name().size());
  }
  for (const auto* field : set) {
    if (!IsPlainMessage(*field)) {
      lines += RecordLines(message, *field, width);
    } else if (field->is_repeated()) {
      parts += "\n" + field->name() + "\n" + Render(ListTable(message, *field), color);
    } else {
      parts +=
          RenderRecord(message.GetReflection()->GetMessage(message, field), field->name(), color);
    }
  }
  const bool titled = !title.empty() && !lines.empty();
  std::string text = (titled ? "\n" + title + "\n" : "") + lines + parts;
  return title.empty() && text.starts_with("\n") ? text.substr(1) : text;
}

}  // namespace

const FieldDescriptor* ListField(const google::protobuf::Descriptor& answer) {
  const FieldDescriptor* list = nullptr;
  for (int i = 0; i < answer.field_count(); ++i) {
    const FieldDescriptor* field = answer.field(i);
    if (field->is_repeated() && IsPlainMessage(*field) && list == nullptr) {
      list = field;
    } else if (field->name() != "next_page_token") {
      return nullptr;
    }
  }
  return list;
}

std::string ToJson(const Message& message, JsonStyle style) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = style == JsonStyle::kIndented;
  options.always_print_primitive_fields = style != JsonStyle::kCompact;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) {
    return "{}";
  }
  return json;
}

std::string Cell(const Message& message, const std::string& path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(path.substr(0, dot));
  if (field == nullptr) {
    return "";
  }
  if (dot == std::string::npos) {
    return FieldText(message, *field);
  }
  std::string text;
  for (int i = 0; i < Count(message, *field); ++i) {
    const Reflection& r = *message.GetReflection();
    const Message& child = field->is_repeated() ? r.GetRepeatedMessage(message, field, i)
                                                : r.GetMessage(message, field);
    text += (i == 0 ? "" : ",") + Cell(child, path.substr(dot + 1));
  }
  return text;
}

std::string RenderMessage(const Message& message, Format format, bool color) {
  const FieldDescriptor* list = ListField(*message.GetDescriptor());
  if (format == Format::kJson) {
    return ToJson(message, JsonStyle::kIndented);
  }
  if (format == Format::kTable) {
    return list == nullptr ? RenderRecord(message, "", color)
                           : Render(ListTable(message, *list), color);
  }
  if (list == nullptr) {
    return ToJson(message) + "\n";
  }
  std::string lines;
  for (int i = 0; i < Count(message, *list); ++i) {
    lines += ToJson(message.GetReflection()->GetRepeatedMessage(message, list, i)) + "\n";
  }
  return lines;
}

}  // namespace stewardctl
