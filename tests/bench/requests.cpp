#include "tests/bench/requests.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "steward/complaints/v1/complaints_service.pb.h"

namespace steward {
namespace {

namespace pb = complaints::v1;

// The ticket's own time is the intended start: a consumer can tell how long the event took from there.
class RegisterTicket final : public Requests {
 public:
  explicit RegisterTicket(const Settings& settings) {
    pb::Ticket& ticket = *request_.mutable_ticket();
    ticket.set_kind("complaint");
    ticket.set_channel(settings.Text("channel"));
    ticket.set_customer(settings.Text("customer"));
    ticket.set_owner(settings.Text("owner"));
    ticket.set_team(settings.Text("team"));
  }
  const std::string& method() const override { return method_; }
  void Append(int64_t intended, std::string* to) override {
    const int64_t micros = SystemClock().Now().micros - (MonotonicMicros() - intended);
    auto* at = request_.mutable_ticket()->mutable_occurred_at();
    at->set_seconds(micros / 1'000'000);
    at->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1'000);
    request_.set_request_id(ids_.NewId(Time{micros}).ToString());
    request_.AppendToString(to);
  }

 private:
  const std::string method_ = "/steward.complaints.v1.ComplaintsService/RegisterTicket";
  pb::RegisterTicketRequest request_;
  RandomIdGenerator ids_;
};

class FromTemplate final : public Requests {
 public:
  FromTemplate(std::string method, std::string bytes, std::vector<std::string> names)
      : method_(std::move(method)), bytes_(std::move(bytes)), names_(std::move(names)) {
    for (size_t mark = 0; mark < places_.size(); ++mark) {
      const std::string text = "f0000000-0000-4000-8000-00000000000" + std::to_string(mark + 1);
      for (size_t at = bytes_.find(text); at != std::string::npos; at = bytes_.find(text, at + 1)) {
        places_[mark].push_back(at);
      }
    }
  }
  bool needs_names() const { return !places_[2].empty(); }
  const std::string& method() const override { return method_; }
  void Append(int64_t, std::string* to) override {
    const Time now = SystemClock().Now();
    Put(0, places_[0].empty() ? "" : ids_.NewId(now).ToString());
    Put(1, places_[1].empty() ? "" : ids_.NewId(now).ToString());
    if (needs_names()) {
      Put(2, names_[next_++ % names_.size()]);
    }
    to->append(bytes_);
  }

 private:
  void Put(size_t mark, const std::string& value) {
    for (const size_t at : places_[mark]) {
      bytes_.replace(at, value.size(), value);
    }
  }

  const std::string method_;
  std::string bytes_;
  const std::vector<std::string> names_;
  std::array<std::vector<size_t>, 3> places_;
  size_t next_ = 0;
  RandomIdGenerator ids_;
};

std::vector<std::string> LinesOf(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

bool Settings::Parse(int count, char** words) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const size_t equals = word.find('=');
    if (word.rfind("--", 0) != 0 || equals == std::string::npos) {
      return false;
    }
    const auto found = values.find(word.substr(2, equals - 2));
    if (found == values.end()) {
      return false;
    }
    found->second = word.substr(equals + 1);
  }
  return !values["target"].empty() && !values["token-file"].empty() &&
         values["method"].empty() == values["request"].empty();
}

std::unique_ptr<Requests> MakeRequests(const Settings& settings) {
  if (settings.Text("method").empty()) {
    return std::make_unique<RegisterTicket>(settings);
  }
  std::ifstream file(settings.Text("request"), std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file) {
    std::fprintf(stderr, "bench_load: cannot read %s\n", settings.Text("request").c_str());
    return nullptr;
  }
  std::vector<std::string> names = LinesOf(settings.Text("names"));
  for (const std::string& name : names) {
    if (name.size() != 36) {
      std::fprintf(stderr, "bench_load: `%s` is no UUID\n", name.c_str());
      return nullptr;
    }
  }
  const bool none = names.empty();
  auto requests =
      std::make_unique<FromTemplate>(settings.Text("method"), std::move(bytes), std::move(names));
  if (requests->needs_names() && none) {
    std::fprintf(stderr, "bench_load: the request needs --names=FILE\n");
    return nullptr;
  }
  return requests;
}

}  // namespace steward
