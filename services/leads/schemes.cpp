#include "services/leads/schemes.h"

#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "libs/base/status.h"
#include "services/leads/shipped_tier_schemes.h"
#include "steward/leads/v1/leads_service.pb.h"

namespace steward::leads {
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

TierScheme FromProto(const v1::TierScheme& from) {
  TierScheme scheme{
      from.id(), {from.display_names().begin(), from.display_names().end()}, {}, from.source()};
  for (const v1::Tier& tier : from.tiers()) {
    scheme.tiers.push_back({tier.id(), {tier.display_names().begin(), tier.display_names().end()}});
  }
  return scheme;
}

}  // namespace

absl::StatusOr<TierSchemes> ParseTierSchemes(std::string_view text) {
  v1::ListTierSchemesResponse file;
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(std::string(text), &file)) {
    return absl::InvalidArgumentError(error.text());
  }
  std::vector<TierScheme> schemes;
  for (const v1::TierScheme& from : file.schemes()) {
    schemes.push_back(FromProto(from));
  }
  return TierSchemes::Create(std::move(schemes));
}

absl::StatusOr<TierSchemes> LoadTierSchemes(const std::string& file) {
  if (file.empty()) {
    return ParseTierSchemes(kShippedTierSchemes);
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return absl::InvalidArgumentError("cannot read " + file);
  }
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  absl::StatusOr<TierSchemes> schemes = ParseTierSchemes(text);
  if (!schemes.ok()) {
    return absl::InvalidArgumentError(file + ": " +
                                      std::string(FromAbsl(schemes.status().message())));
  }
  return schemes;
}

}  // namespace steward::leads
