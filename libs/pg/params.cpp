#include <bit>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/pg/connection.h"
#include "libs/pg/wire.h"

namespace steward::pg {
namespace {

using wire::Oid;

// One-dimensional array; `element(i)` gives the bytes of element i, nullopt for NULL.
template <class Element>
std::string EncodeArray(Oid element_oid, size_t size, bool may_have_nulls, Element element) {
  std::string out;
  wire::AppendInt32(out, size == 0 ? 0 : 1);  // dimensions
  wire::AppendInt32(out, may_have_nulls ? 1 : 0);
  wire::AppendInt32(out, static_cast<int32_t>(element_oid));
  if (size == 0) {
    return out;
  }
  wire::AppendInt32(out, static_cast<int32_t>(size));
  wire::AppendInt32(out, 1);  // lower bound
  for (size_t i = 0; i < size; ++i) {
    const std::optional<std::string> bytes = element(i);
    wire::AppendInt32(out, bytes ? static_cast<int32_t>(bytes->size()) : -1);
    if (bytes) {
      out += *bytes;
    }
  }
  return out;
}

std::string Int16Bytes(int16_t v) {
  std::string out;
  wire::AppendInt16(out, v);
  return out;
}

std::string Int32Bytes(int32_t v) {
  std::string out;
  wire::AppendInt32(out, v);
  return out;
}

std::string Int64Bytes(int64_t v) {
  std::string out;
  wire::AppendInt64(out, v);
  return out;
}

std::string UuidBytes(const Uuid& v) {
  return {reinterpret_cast<const char*>(v.bytes.data()), v.bytes.size()};
}

absl::Status UncleanText() {
  return Refuse(absl::StatusCode::kInvalidArgument, "text holds NUL or is not UTF-8",
                {.reason = "TEXT_INVALID"});
}

}  // namespace

Params& Params::Add(std::string_view text) {
  if (!IsCleanUtf8(text)) {
    status_.Update(UncleanText());
    values_.push_back({wire::kText, std::string()});
    return *this;
  }
  values_.push_back({wire::kText, std::string(text)});
  return *this;
}

Params& Params::Add(int64_t v) {
  values_.push_back({wire::kInt8, Int64Bytes(v)});
  return *this;
}

Params& Params::Add(int32_t v) {
  values_.push_back({wire::kInt4, Int32Bytes(v)});
  return *this;
}

Params& Params::Add(int16_t v) {
  values_.push_back({wire::kInt2, Int16Bytes(v)});
  return *this;
}

Params& Params::Add(bool v) {
  values_.push_back({wire::kBool, std::string(1, v ? '\1' : '\0')});
  return *this;
}

Params& Params::Add(double v) {
  values_.push_back({wire::kFloat8, Int64Bytes(std::bit_cast<int64_t>(v))});
  return *this;
}

Params& Params::Add(Time v) {
  values_.push_back({wire::kTimestamptz, Int64Bytes(wire::FromTime(v))});
  return *this;
}

Params& Params::Add(const Uuid& v) {
  values_.push_back({wire::kUuid, UuidBytes(v)});
  return *this;
}

Params& Params::AddBytes(std::string_view bytes) {
  values_.push_back({wire::kBytea, std::string(bytes)});
  return *this;
}

Params& Params::AddXid8(uint64_t v) {
  values_.push_back({wire::kXid8, Int64Bytes(static_cast<int64_t>(v))});
  return *this;
}

Params& Params::AddNull() {
  values_.push_back({wire::kUnknown, std::nullopt});
  return *this;
}

Params& Params::AddTexts(const std::vector<std::string>& v) {
  for (const std::string& text : v) {
    if (!IsCleanUtf8(text)) {
      status_.Update(UncleanText());
    }
  }
  values_.push_back({wire::kTextArray, EncodeArray(wire::kText, v.size(), false,
                                                   [&](size_t i) { return std::optional(v[i]); })});
  return *this;
}

Params& Params::AddInts(const std::vector<int64_t>& v) {
  values_.push_back({wire::kInt8Array, EncodeArray(wire::kInt8, v.size(), false, [&](size_t i) {
                       return std::optional(Int64Bytes(v[i]));
                     })});
  return *this;
}

Params& Params::AddInt32s(const std::vector<int32_t>& v) {
  values_.push_back({wire::kInt4Array, EncodeArray(wire::kInt4, v.size(), false, [&](size_t i) {
                       return std::optional(Int32Bytes(v[i]));
                     })});
  return *this;
}

Params& Params::AddInt16s(const std::vector<int16_t>& v) {
  values_.push_back({wire::kInt2Array, EncodeArray(wire::kInt2, v.size(), false, [&](size_t i) {
                       return std::optional(Int16Bytes(v[i]));
                     })});
  return *this;
}

Params& Params::AddTimes(const std::vector<Time>& v) {
  values_.push_back(
      {wire::kTimestamptzArray, EncodeArray(wire::kTimestamptz, v.size(), false, [&](size_t i) {
         return std::optional(Int64Bytes(wire::FromTime(v[i])));
       })});
  return *this;
}

Params& Params::AddOptionalTimes(const std::vector<std::optional<Time>>& v) {
  values_.push_back(
      {wire::kTimestamptzArray,
       EncodeArray(wire::kTimestamptz, v.size(), true, [&](size_t i) -> std::optional<std::string> {
         if (!v[i]) {
           return std::nullopt;
         }
         return Int64Bytes(wire::FromTime(*v[i]));
       })});
  return *this;
}

Params& Params::AddUuids(const std::vector<Uuid>& v) {
  values_.push_back({wire::kUuidArray, EncodeArray(wire::kUuid, v.size(), false, [&](size_t i) {
                       return std::optional(UuidBytes(v[i]));
                     })});
  return *this;
}

Params& Params::AddBytesArray(const std::vector<std::string>& v) {
  values_.push_back({wire::kByteaArray, EncodeArray(wire::kBytea, v.size(), false, [&](size_t i) {
                       return std::optional(v[i]);
                     })});
  return *this;
}

Params& Params::AddBools(const std::vector<bool>& v) {
  values_.push_back({wire::kBoolArray, EncodeArray(wire::kBool, v.size(), false, [&](size_t i) {
                       return std::optional(std::string(1, v[i] ? '\1' : '\0'));
                     })});
  return *this;
}

}  // namespace steward::pg
