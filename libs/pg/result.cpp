#include <bit>
#include <cstdlib>
#include <string>

#include "libs/pg/connection.h"
#include "libs/pg/pipeline.h"
#include "libs/pg/wire.h"

namespace steward::pg {
namespace {

using wire::Oid;

const PGresult* Get(const std::shared_ptr<Result::Rep>& rep) {
  if (rep == nullptr) {
    internal::Die("rows read before the flush that fetches them, or after one that failed");
  }
  return rep->result;
}

// The bytes of a value that is there and has one of these types; else the caller has a bug.
std::string_view Value(const PGresult* result, int row, int column,
                       std::initializer_list<Oid> types) {
  if (row < 0 || row >= PQntuples(result) || column < 0 || column >= PQnfields(result)) {
    internal::Die("no row " + std::to_string(row) + " or column " + std::to_string(column));
  }
  bool fits = false;
  for (const Oid type : types) {
    fits = fits || PQftype(result, column) == type;
  }
  const std::string name = PQfname(result, column);
  if (!fits) {
    internal::Die("column " + name + " has type " + std::to_string(PQftype(result, column)) +
                  ", which this getter does not read");
  }
  if (PQgetisnull(result, row, column) != 0) {
    internal::Die("column " + name + " is NULL");
  }
  return {PQgetvalue(result, row, column), static_cast<size_t>(PQgetlength(result, row, column))};
}

int64_t ReadWhole(std::string_view bytes) {
  return wire::ReadInt(bytes.data(), static_cast<int>(bytes.size()));
}

// Elements of a one-dimensional array without NULLs.
std::vector<std::string_view> Elements(std::string_view array) {
  std::vector<std::string_view> elements;
  if (wire::ReadInt(array.data(), 4) == 0) {
    return elements;
  }
  if (wire::ReadInt(array.data(), 4) != 1) {
    internal::Die("array with several dimensions");
  }
  const int64_t size = wire::ReadInt(array.data() + 12, 4);
  size_t at = 20;  // dimensions, flags, element type, size, lower bound
  for (int64_t i = 0; i < size; ++i) {
    const int64_t length = wire::ReadInt(array.data() + at, 4);
    if (length < 0) {
      internal::Die("array with a NULL in it");
    }
    elements.push_back(array.substr(at + 4, static_cast<size_t>(length)));
    at += 4 + static_cast<size_t>(length);
  }
  return elements;
}

}  // namespace

int Result::rows() const { return PQntuples(Get(rep_)); }

int64_t Result::affected() const {
  const char* count = PQcmdTuples(const_cast<PGresult*>(Get(rep_)));
  return *count == '\0' ? 0 : std::strtoll(count, nullptr, 10);
}

bool Result::IsNull(int row, int column) const {
  const PGresult* result = Get(rep_);
  if (row < 0 || row >= PQntuples(result) || column < 0 || column >= PQnfields(result)) {
    internal::Die("no row " + std::to_string(row) + " or column " + std::to_string(column));
  }
  return PQgetisnull(result, row, column) != 0;
}

std::string Result::Text(int row, int column) const {
  return std::string(
      Value(Get(rep_), row, column, {wire::kText, wire::kVarchar, wire::kBpchar, wire::kName}));
}

std::string Result::Bytes(int row, int column) const {
  return std::string(Value(Get(rep_), row, column, {wire::kBytea}));
}

int64_t Result::Int(int row, int column) const {
  return ReadWhole(Value(Get(rep_), row, column, {wire::kInt8, wire::kInt4, wire::kInt2}));
}

bool Result::Bool(int row, int column) const {
  return Value(Get(rep_), row, column, {wire::kBool})[0] != '\0';
}

double Result::Double(int row, int column) const {
  const std::string_view bytes = Value(Get(rep_), row, column, {wire::kFloat8, wire::kFloat4});
  const int64_t bits = ReadWhole(bytes);
  if (bytes.size() == 4) {
    return std::bit_cast<float>(static_cast<int32_t>(bits));
  }
  return std::bit_cast<double>(bits);
}

Time Result::Timestamp(int row, int column) const {
  return wire::ToTime(ReadWhole(Value(Get(rep_), row, column, {wire::kTimestamptz})));
}

Uuid Result::Uuid(int row, int column) const {
  const std::string_view bytes = Value(Get(rep_), row, column, {wire::kUuid});
  steward::Uuid uuid;
  std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid;
}

uint64_t Result::Xid8(int row, int column) const {
  return static_cast<uint64_t>(ReadWhole(Value(Get(rep_), row, column, {wire::kXid8})));
}

std::vector<std::string> Result::Texts(int row, int column) const {
  std::vector<std::string> texts;
  for (const std::string_view element :
       Elements(Value(Get(rep_), row, column, {wire::kTextArray, wire::kVarcharArray}))) {
    texts.emplace_back(element);
  }
  return texts;
}

std::vector<int64_t> Result::Ints(int row, int column) const {
  std::vector<int64_t> ints;
  for (const std::string_view element : Elements(
           Value(Get(rep_), row, column, {wire::kInt8Array, wire::kInt4Array, wire::kInt2Array}))) {
    ints.push_back(ReadWhole(element));
  }
  return ints;
}

std::optional<std::string> Result::OptionalText(int row, int column) const {
  return IsNull(row, column) ? std::nullopt : std::optional(Text(row, column));
}

std::optional<int64_t> Result::OptionalInt(int row, int column) const {
  return IsNull(row, column) ? std::nullopt : std::optional(Int(row, column));
}

std::optional<Time> Result::OptionalTimestamp(int row, int column) const {
  return IsNull(row, column) ? std::nullopt : std::optional(Timestamp(row, column));
}

}  // namespace steward::pg
