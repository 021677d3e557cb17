// Stored bytes of a compiled calendar: a magic, the fingerprint of the calendar, the zone's shifts, the
// different kinds of days, one index a day, and a checksum. Numbers are zigzag varints.

#include <algorithm>
#include <map>

#include "libs/base/status.h"
#include "services/sla/domain/compiled_form.h"

namespace steward::sla {
namespace {

constexpr std::string_view kMagic = "SCF1";
constexpr size_t kChecksumBytes = 8;
constexpr int64_t kMostItems = 200'000;

class Hash {  // FNV-1a, 64 bits
 public:
  void Add(std::string_view bytes) {
    for (const char c : bytes) {
      value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325;
};

class Writer {
 public:
  void Number(int64_t value) {
    auto bits = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
    for (; bits >= 0x80; bits >>= 7) {
      bytes_.push_back(static_cast<char>(bits | 0x80));
    }
    bytes_.push_back(static_cast<char>(bits));
  }
  void Fixed(uint64_t value) {
    for (int i = 0; i < 8; ++i) {
      bytes_.push_back(static_cast<char>(value >> (8 * i)));
    }
  }
  void Text(std::string_view text) { bytes_.append(text); }
  std::string Take() && { return std::move(bytes_); }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  int64_t Number() {
    uint64_t bits = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) {
        break;
      }
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      bits |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) {
        return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
      }
    }
    ok_ = false;
    return 0;
  }
  // A number in [low, high].
  int64_t Number(int64_t low, int64_t high) {
    const int64_t value = Number();
    ok_ = ok_ && value >= low && value <= high;
    return ok_ ? value : low;
  }
  uint64_t Fixed() {
    if (rest_.size() < 8) {
      ok_ = false;
      return 0;
    }
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
      value |= uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
    }
    rest_.remove_prefix(8);
    return value;
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

constexpr int64_t kTwoDays = 172'800;
constexpr int64_t kMostSeconds = int64_t{400'000} * 86'400 * 25;  // beyond year 9999

void WriteDay(Writer& out, const DayPlan& day) {
  out.Number(day.length);
  out.Number(day.working ? 1 : 0);
  out.Number(static_cast<int64_t>(day.pieces.size()));
  int64_t last = 0;
  for (const DayPlan::Piece& piece : day.pieces) {
    out.Number(piece.open - last);
    out.Number(piece.close - piece.open);
    last = piece.close;
  }
}

DayPlan ReadDay(Reader& in) {
  DayPlan day;
  day.length = in.Number(0, kTwoDays);
  day.working = in.Number(0, 1) == 1;
  const int64_t pieces = in.Number(0, kTwoDays);
  int64_t last = 0;
  for (int64_t i = 0; in.ok() && i < pieces; ++i) {
    const int64_t open = last + in.Number(0, day.length - last);
    last = open + in.Number(1, std::max<int64_t>(1, day.length - open));
    day.pieces.push_back({open, last});
  }
  return day;
}

absl::Status Damaged(std::string_view why) {
  return absl::DataLossError(ToAbsl("compiled calendar: " + std::string(why)));
}

}  // namespace

std::string EncodeForm(const CompiledForm& form, uint64_t fingerprint) {
  Writer out;
  out.Text(kMagic);
  out.Fixed(fingerprint);
  out.Number(form.first_day);
  out.Number(form.day_start.front() / kMicrosPerSecond);
  const std::vector<Shift>& shifts = form.zone.shifts();
  out.Number(static_cast<int64_t>(shifts.size()));
  out.Number(shifts.front().offset / kMicrosPerSecond);
  for (size_t i = 1; i < shifts.size(); ++i) {
    out.Number(shifts[i].at / kMicrosPerSecond);
    out.Number(shifts[i].offset / kMicrosPerSecond);
  }
  const std::vector<DayPlan> days = form.Days();
  std::map<DayPlan, int64_t> kinds;
  for (const DayPlan& day : days) {
    kinds.emplace(day, 0);
  }
  out.Number(static_cast<int64_t>(kinds.size()));
  int64_t next = 0;
  for (auto& [day, index] : kinds) {
    index = next++;
    WriteDay(out, day);
  }
  out.Number(static_cast<int64_t>(days.size()));
  for (const DayPlan& day : days) {
    out.Number(kinds.at(day));
  }
  Hash checksum;
  checksum.Add(out.bytes());
  out.Fixed(checksum.value());
  return std::move(out).Take();
}

absl::StatusOr<CompiledForm> DecodeForm(std::string_view bytes, uint64_t fingerprint) {
  if (bytes.size() < kMagic.size() + 2 * kChecksumBytes ||
      bytes.substr(0, kMagic.size()) != kMagic) {
    return Damaged("not one of this version");
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  Hash checksum;
  checksum.Add(body);
  if (Reader(bytes.substr(body.size())).Fixed() != checksum.value()) {
    return Damaged("wrong checksum");
  }
  Reader in(body.substr(kMagic.size()));
  if (in.Fixed() != fingerprint) {
    return Damaged("belongs to another calendar");
  }
  const auto first_day = static_cast<int32_t>(in.Number(-kMostItems * 10, kMostItems * 20));
  const int64_t start = in.Number(-kMostSeconds, kMostSeconds) * kMicrosPerSecond;
  std::vector<Shift> shifts(static_cast<size_t>(in.Number(1, kMostItems)));
  shifts.front().offset = in.Number(-kTwoDays, kTwoDays) * kMicrosPerSecond;
  for (size_t i = 1; in.ok() && i < shifts.size(); ++i) {
    shifts[i].at = in.Number(-kMostSeconds, kMostSeconds) * kMicrosPerSecond;
    shifts[i].offset = in.Number(-kTwoDays, kTwoDays) * kMicrosPerSecond;
  }
  std::vector<DayPlan> kinds(static_cast<size_t>(in.Number(1, kMostItems)));
  for (size_t i = 0; in.ok() && i < kinds.size(); ++i) {
    kinds[i] = ReadDay(in);
  }
  std::vector<DayPlan> days(static_cast<size_t>(in.Number(1, kMostItems)));
  for (size_t i = 0; in.ok() && i < days.size(); ++i) {
    days[i] = kinds[in.Number(0, static_cast<int64_t>(kinds.size()) - 1)];
  }
  if (!in.ok() || !in.AtEnd()) {
    return Damaged("malformed");
  }
  return CompiledForm::Build(first_day, start, LocalZone(std::move(shifts)), days);
}

uint64_t Fingerprint(const CalendarSpec& spec) {
  Writer out;
  const auto hours = [&out](const std::vector<DayInterval>& intervals) {
    out.Number(static_cast<int64_t>(intervals.size()));
    for (const DayInterval& interval : intervals) {
      out.Number(interval.open);
      out.Number(interval.close);
    }
  };
  out.Text(spec.time_zone);
  for (const auto& weekday : spec.weekly) {
    hours(weekday);
  }
  out.Number(static_cast<int64_t>(spec.holidays.size()));
  for (const auto& [date, names] : spec.holidays) {
    out.Number(date.days);
  }
  for (const auto& [date, day] : spec.overrides) {
    out.Number(date.days);
    out.Number(day.make_up ? 1 : 0);
    hours(day.intervals);
  }
  hours(spec.make_up_hours);
  Hash hash;
  hash.Add(out.bytes());
  return hash.value();
}

}  // namespace steward::sla
