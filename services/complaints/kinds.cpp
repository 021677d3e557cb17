#include "services/complaints/kinds.h"

#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "libs/base/status.h"
#include "services/complaints/shipped_kinds.h"
#include "steward/complaints/v1/complaints_service.pb.h"

namespace steward::complaints {
namespace {

class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text_.empty()) {
      text_ = "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) + ": " +
              message;
    }
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

absl::StatusOr<KindTree> ParseKinds(std::string_view text) {
  v1::ListTicketKindsResponse file;
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(std::string(text), &file)) {
    return absl::InvalidArgumentError(error.text());
  }
  std::vector<Kind> kinds;
  for (const v1::TicketKind& from : file.kinds()) {
    kinds.push_back({from.id(),
                     from.parent(),
                     {from.display_names().begin(), from.display_names().end()},
                     {from.severities().begin(), from.severities().end()},
                     from.needs_verification(),
                     {from.milestones().begin(), from.milestones().end()},
                     from.source()});
  }
  return KindTree::Create(std::move(kinds));
}

absl::StatusOr<KindTree> LoadKinds(const std::string& file) {
  if (file.empty()) {
    return ParseKinds(kShippedKinds);
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return absl::InvalidArgumentError("cannot read " + file);
  }
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  absl::StatusOr<KindTree> kinds = ParseKinds(text);
  if (!kinds.ok()) {
    return absl::InvalidArgumentError(file + ": " +
                                      std::string(FromAbsl(kinds.status().message())));
  }
  return kinds;
}

}  // namespace steward::complaints
