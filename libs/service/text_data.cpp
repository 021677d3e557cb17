#include "libs/service/text_data.h"

#include <fstream>
#include <iterator>

#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace steward::service {
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

absl::Status ParseTextData(std::string_view text, google::protobuf::Message* data) {
  google::protobuf::TextFormat::Parser parser;
  FirstError error;
  parser.RecordErrorsTo(&error);
  return parser.ParseFromString(std::string(text), data) ? absl::OkStatus()
                                                         : absl::InvalidArgumentError(error.text());
}

absl::StatusOr<std::string> ReadFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return absl::InvalidArgumentError("cannot read " + file);
  }
  return std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace steward::service
