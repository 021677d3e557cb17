#include "tools/stewardctl/organisation_row.h"

#include <algorithm>

#include "libs/base/text.h"
#include "libs/base/time.h"
#include "libs/rpc/validate.h"

namespace stewardctl {

namespace pb = steward::directory::v1;

std::string Trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  return text;
}

void OrganisationRow::Fault(const std::string& column, const std::string& text) {
  faults_->push_back({place_ + (column.empty() ? "" : " column " + column), text});
}

bool OrganisationRow::IsBlank() const {
  return std::all_of(cells_.begin(), cells_.end(),
                     [](const std::string& cell) { return Trimmed(cell).empty(); });
}

bool OrganisationRow::IsSound() {
  if (cells_.size() != csv_.header.size()) {
    Fault("", "has " + std::to_string(cells_.size()) + " cells, the header has " +
                  std::to_string(csv_.header.size()));
    return false;
  }
  const size_t before = faults_->size();
  for (size_t i = 0; i < cells_.size(); ++i) {
    if (!steward::IsCleanUtf8(cells_[i])) {
      Fault(csv_.header[i], "is not UTF-8; save the file as `CSV UTF-8`");
    }
  }
  return faults_->size() == before;
}

std::string OrganisationRow::Text(const char* column) const {
  const auto at = csv_.Column(column);
  return at ? Trimmed(cells_[*at]) : std::string();
}

bool OrganisationRow::Truth(const char* column) {
  const std::string text = Text(column);
  if (!text.empty() && text != "true" && text != "false") {
    Fault(column, "`" + text + "` is neither true nor false");
  }
  return text == "true";
}

pb::Member::Kind OrganisationRow::MemberKind(const char* column) {
  const std::string text = Text(column);
  if (!text.empty() && text != "person" && text != "system") {
    Fault(column, "`" + text + "` is neither person nor system");
  }
  return text == "system" ? pb::Member::SYSTEM : pb::Member::PERSON;
}

void OrganisationRow::SetTime(const char* column,
                              google::protobuf::Timestamp* (pb::Period::*field)(),
                              pb::Period* period) {
  const std::string text = Text(column);
  if (text.empty()) {
    return;
  }
  if (const auto time = steward::ParseTime(text); time.ok()) {
    *(period->*field)() = steward::rpc::ToProto(*time);
  } else {
    Fault(column, "`" + text + "` is no time with its zone, such as 2026-01-02T03:04:05+08:00");
  }
}

pb::Period OrganisationRow::Period() {
  pb::Period period;
  SetTime("from", &pb::Period::mutable_start_time, &period);
  SetTime("to", &pb::Period::mutable_end_time, &period);
  return period;
}

}  // namespace stewardctl
