#include "tools/stewardctl/import_rows.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "google/protobuf/util/json_util.h"
#include "libs/base/ids.h"
#include "libs/base/refusals.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/validate.h"
#include "nlohmann/json.hpp"
#include "tools/stewardctl/csv.h"
#include "tools/stewardctl/fill.h"

namespace stewardctl {
namespace {

using google::protobuf::Message;

constexpr char kEncoding[] = "is not clean UTF-8";

std::string FirstField(const absl::Status& status) {
  const std::optional<steward::Refusal> refusal = steward::RefusalOf(status);
  return refusal && !refusal->fields.empty() ? refusal->fields.front().description
                                             : std::string(steward::FromAbsl(status.message()));
}

Message* Resource(const RowShape& shape, Message* request) {
  const auto* field = request->GetDescriptor()->FindFieldByName(shape.resource);
  return request->GetReflection()->MutableMessage(request, field);
}

std::string PathOf(const RowShape& shape, const std::string& column) {
  return steward::Contains(shape.own, column) ? column : shape.resource + "." + column;
}

// Every step of the path is a field.
bool IsField(const Message& request, std::string_view path) {
  const google::protobuf::Descriptor* type = request.GetDescriptor();
  while (type != nullptr) {
    const size_t dot = path.find('.');
    const std::string step(path.substr(0, std::min(dot, path.find('['))));
    const auto* field = type->FindFieldByName(step);
    if (field == nullptr) {
      return false;
    }
    if (dot == std::string_view::npos) {
      return true;
    }
    type = field->message_type();
    path.remove_prefix(dot + 1);
  }
  return false;
}

void ReadCsvRow(const Csv& csv, const CsvRow& from, const RowShape& shape, steward::Time now,
                Rows& rows) {
  Row row{from.line, std::unique_ptr<Message>(shape.request->New())};
  const size_t faults = rows.faults.size();
  if (from.cells.size() != csv.header.size()) {
    rows.faults.push_back({from.line, "",
                           "has " + std::to_string(from.cells.size()) + " cells, the header " +
                               std::to_string(csv.header.size())});
  }
  for (size_t i = 0; i < std::min(from.cells.size(), csv.header.size()); ++i) {
    const std::string& cell = from.cells[i];
    if (!steward::IsCleanUtf8(cell)) {
      rows.faults.push_back({from.line, csv.header[i], kEncoding});
    } else if (!cell.empty()) {
      const absl::Status set = SetField(PathOf(shape, csv.header[i]), cell, now, row.request.get());
      if (!set.ok()) {
        rows.faults.push_back({from.line, csv.header[i], FirstField(set)});
      }
    }
  }
  if (rows.faults.size() == faults) {
    rows.good.push_back(std::move(row));
  }
}

absl::StatusOr<Rows> ReadCsvRows(std::string_view text, const RowShape& shape, steward::Time now) {
  ASSIGN_OR_RETURN(const Csv csv, ParseCsv(text));
  for (const std::string& column : csv.header) {
    if (!IsField(*shape.request, PathOf(shape, column))) {
      return steward::FieldInvalid("line 1",
                                   "column `" + column + "` is no field of a " + shape.resource);
    }
  }
  Rows rows;
  rows.total = static_cast<int>(csv.rows.size());
  for (const CsvRow& row : csv.rows) {
    ReadCsvRow(csv, row, shape, now, rows);
  }
  return rows;
}

void ReadJsonRow(int line, const std::string& text, const RowShape& shape, steward::Time now,
                 Rows& rows) {
  if (!steward::IsCleanUtf8(text)) {
    rows.faults.push_back({line, "", kEncoding});
    return;
  }
  nlohmann::json object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) {
    rows.faults.push_back({line, "", "is no JSON object"});
    return;
  }
  Row row{line, std::unique_ptr<Message>(shape.request->New())};
  for (const std::string& own : shape.own) {
    if (const auto value = object.find(own); value != object.end()) {
      const absl::Status set =
          value->is_string() ? SetField(own, value->get<std::string>(), now, row.request.get())
                             : steward::FieldInvalid(own, "is no text");
      if (!set.ok()) {
        rows.faults.push_back({line, own, FirstField(set)});
        return;
      }
      object.erase(value);
    }
  }
  const auto read = google::protobuf::util::JsonStringToMessage(object.dump(),
                                                                Resource(shape, row.request.get()));
  if (!read.ok()) {
    rows.faults.push_back({line, "", std::string(read.message())});
    return;
  }
  rows.good.push_back(std::move(row));
}

Rows ReadJsonRows(std::string_view text, const RowShape& shape, steward::Time now) {
  Rows rows;
  for (int line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string one(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!one.empty() && one.back() == '\r') {
      one.pop_back();
    }
    if (one.empty()) {
      continue;
    }
    ++rows.total;
    ReadJsonRow(line, one, shape, now, rows);
  }
  return rows;
}

}  // namespace

absl::StatusOr<Rows> ReadRows(const std::string& file, std::string_view text, const RowShape& shape,
                              steward::Time now) {
  if (file.ends_with(".csv")) {
    return ReadCsvRows(text, shape, now);
  }
  if (file.ends_with(".jsonl")) {
    return ReadJsonRows(text, shape, now);
  }
  return steward::FieldInvalid("FILE", "ends in .csv or .jsonl");
}

FieldOfRow SplitField(std::string_view field, const std::string& resource) {
  constexpr std::string_view kBegin = "requests[";
  FieldOfRow split;
  if (field.starts_with(kBegin)) {
    field.remove_prefix(kBegin.size());
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), split.row);
    if (error != std::errc()) {
      return {-1, std::string(field)};
    }
    field.remove_prefix(static_cast<size_t>(end - field.data()));
    field.remove_prefix(std::min<size_t>(field.size(), field.starts_with("].") ? 2 : 1));
  }
  if (field.starts_with(resource + ".")) {
    field.remove_prefix(resource.size() + 1);
  }
  split.field = field;
  return split;
}

std::string RequestIdFor(const Message& request) {
  const std::string hash = steward::rpc::RequestHash(request);
  steward::Uuid id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0f) | 0x80);  // version 8: made of a hash
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id.ToString();
}

}  // namespace stewardctl
