#include "libs/base/ids.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "libs/base/status.h"

namespace steward {
namespace {

constexpr size_t kMaxIdLength = 63;  // a DNS label

int HexValue(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool IsDash(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

bool IsLowerAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

uint64_t Mix(uint64_t h) {  // the finaliser of MurmurHash3
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  h ^= h >> 33;
  return h;
}

}  // namespace

std::string Uuid::ToString() const {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out(36, '-');
  size_t at = 0;
  for (uint8_t byte : bytes) {
    at += IsDash(at) ? 1 : 0;
    out[at++] = kHex[byte >> 4];
    out[at++] = kHex[byte & 15];
  }
  return out;
}

absl::StatusOr<Uuid> Uuid::Parse(std::string_view text) {
  Uuid out;
  bool ok = text.size() == 36;
  size_t digit = 0;
  for (size_t i = 0; ok && i < text.size(); ++i) {
    if (IsDash(i)) {
      ok = text[i] == '-';
      continue;
    }
    int value = HexValue(text[i]);
    ok = value >= 0;
    out.bytes[digit / 2] = static_cast<uint8_t>(out.bytes[digit / 2] << 4 | (value & 15));
    ++digit;
  }
  if (!ok) {
    return absl::InvalidArgumentError(
        "not a UUID; write for example 019bd2c5-7a3e-7cc1-8f0b-2f4a1f0e6d11");
  }
  return out;
}

Uuid UuidSequence::Next(Time now, uint64_t random_a, uint64_t random_b) {
  int64_t millis = std::max<int64_t>(now.micros / 1'000, 0);
  if (millis > last_millis_) {
    last_millis_ = millis;
    counter_ =
        random_a & 0x7FF;  // the top bit stays free, so at least 2,048 ids fit in the millisecond
  } else if (++counter_ > 0xFFF) {
    ++last_millis_;  // borrow from the next millisecond rather than lose the order
    counter_ = 0;
  }
  Uuid id;
  for (int i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<uint8_t>(static_cast<uint64_t>(last_millis_) >> (40 - 8 * i));
  }
  id.bytes[6] = static_cast<uint8_t>(0x70 | counter_ >> 8);
  id.bytes[7] = static_cast<uint8_t>(counter_);
  std::memcpy(&id.bytes[8], &random_b, sizeof random_b);
  id.bytes[8] = static_cast<uint8_t>(0x80 | (id.bytes[8] & 0x3F));
  return id;
}

Uuid RandomIdGenerator::NewId(Time now) {
  std::lock_guard lock(mutex_);
  if (used_ + 2 > pool_.size()) {
    // Up to 256 bytes come whole and without EINTR; without randomness there are no safe ids.
    if (getrandom(pool_.data(), sizeof pool_, 0) != static_cast<ssize_t>(sizeof pool_)) {
      std::abort();
    }
    used_ = 0;
  }
  used_ += 2;
  return sequence_.Next(now, pool_[used_ - 2], pool_[used_ - 1]);
}

Uuid SeededIdGenerator::NewId(Time now) {
  std::lock_guard lock(mutex_);
  auto next = [this] { return Mix(state_ += 0x9e3779b97f4a7c15ULL); };
  uint64_t a = next();
  return sequence_.Next(now, a, next());
}

absl::Status CheckName(std::string_view field, std::string_view collection, std::string_view name) {
  std::string_view id = name;
  bool ok = name.size() > collection.size() + 1 &&
            name.substr(0, collection.size()) == collection && name[collection.size()] == '/';
  if (ok) {
    id.remove_prefix(collection.size() + 1);
    ok = id.size() <= kMaxIdLength && IsLowerAlnum(id.front()) && IsLowerAlnum(id.back()) &&
         std::all_of(id.begin(), id.end(), [](char c) { return IsLowerAlnum(c) || c == '-'; });
  }
  if (!ok) {
    return FieldInvalid(
        field, FromAbsl(absl::StrCat(
                   "must be ", ToAbsl(collection), "/{id} with an id of lower-case ",
                   "letters, digits and inner dashes, at most ", kMaxIdLength, " characters")));
  }
  return absl::OkStatus();
}

uint64_t StableHash(std::string_view bytes) {
  uint64_t h = 0xcbf29ce484222325ULL;  // FNV-1a
  for (char c : bytes) {
    h ^= static_cast<uint8_t>(c);
    h *= 0x100000001b3ULL;
  }
  return Mix(h);
}

}  // namespace steward
