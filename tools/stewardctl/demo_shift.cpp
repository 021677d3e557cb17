#include "tools/stewardctl/demo_shift.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "tools/stewardctl/context.h"

namespace stewardctl {
namespace {

constexpr int64_t kMinute = 60'000'000;

absl::StatusOr<Shift> ReadShift(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto number = [&](const char* key) {
    return json.is_object() && json.contains(key) && json[key].is_number_integer();
  };
  if (!number("shift_seconds") || !number("runs")) {
    return absl::InvalidArgumentError(
        steward::ToAbsl(file + ": is no shift of a replay; remove it to begin a new time line"));
  }
  return Shift{steward::Seconds(json["shift_seconds"].get<int64_t>()), json["runs"].get<int64_t>()};
}

// Whole or not at all.
absl::Status WriteShift(const std::string& file, const Shift& shift) {
  const std::string fresh = file + ".new";
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  const nlohmann::ordered_json json = {{"shift_seconds", shift.by.micros / 1'000'000},
                                       {"runs", shift.run}};
  std::ofstream(fresh) << json.dump() << "\n" << std::flush;
  std::filesystem::rename(fresh, file, error);
  if (error) {
    return absl::InternalError(
        steward::ToAbsl(file + ": the shift cannot be kept: " + error.message()));
  }
  return absl::OkStatus();
}

}  // namespace

std::string ShiftFile(const std::string& context_file, const std::string& content) {
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx",
                static_cast<unsigned long long>(steward::StableHash(content)));
  const auto folder = context_file.empty() ? std::filesystem::path(".run")
                                           : std::filesystem::path(context_file).parent_path();
  return folder / ("replay-" + std::string(hash) + ".json");
}

absl::StatusOr<Shift> TakeShift(const std::string& file, steward::Time last, steward::Time now) {
  std::error_code error;
  Shift shift{steward::Time{now.micros / kMinute * kMinute} - last, 0};
  if (std::filesystem::exists(file, error)) {
    ASSIGN_OR_RETURN(shift, ReadShift(file));
  }
  ++shift.run;
  RETURN_IF_ERROR(WriteShift(file, shift));
  return shift;
}

std::string IdOf(const std::string& words) {
  const uint64_t hash[2] = {steward::StableHash(words), steward::StableHash(words + "/2")};
  steward::Uuid id;
  std::copy_n(reinterpret_cast<const uint8_t*>(hash), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = (id.bytes[6] & 0x0f) | 0x80;
  id.bytes[8] = (id.bytes[8] & 0x3f) | 0x80;
  return id.ToString();
}

std::string RequestId(const std::string& number, const Shift& shift) {
  return IdOf("replay/" + std::to_string(shift.by.micros) + "/" + std::to_string(shift.run) + "/" +
              number);
}

}  // namespace stewardctl
