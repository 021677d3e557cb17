#pragma once
// What bench_load calls, and what it sends.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace steward {

struct Settings {
  std::map<std::string, std::string> values{{"target", ""},       {"token-file", ""},
                                            {"in-flight", "32"},  {"connections", "4"},
                                            {"seconds", "8"},     {"rate", "0"},
                                            {"owner", ""},        {"team", ""},
                                            {"channel", "bench"}, {"customer", "customers/bench"},
                                            {"method", ""},       {"request", ""},
                                            {"names", ""}};

  bool Parse(int count, char** words);
  const std::string& Text(const char* name) const { return values.at(name); }
  double Number(const char* name) const { return std::stod(values.at(name)); }
};

// One RPC. `intended` is when its call should begin, by the monotonic clock.
class Requests {
 public:
  virtual ~Requests() = default;
  // `/package.Service/Method`.
  virtual const std::string& method() const = 0;
  // Appends the next request, serialised.
  virtual void Append(int64_t intended, std::string* to) = 0;
};

// RegisterTicket, or with `method` the request in the file `request`: serialised, with one of these in place of what differs
// from call to call. All are as long as a UUID, so the bytes around them stay.
//   f0000000-0000-4000-8000-000000000001   a new UUID, of this call alone: the request_id
//   f0000000-0000-4000-8000-000000000002   another one: an external id
//   f0000000-0000-4000-8000-000000000003   the next line of the file `names`, from the first again after the last
// Null and a line on stderr when a file cannot be used.
std::unique_ptr<Requests> MakeRequests(const Settings& settings);

}  // namespace steward
