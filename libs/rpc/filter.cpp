#include <algorithm>
#include <cctype>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/paging.h"

namespace steward::rpc {
namespace {

constexpr size_t kMaxTerms = 20;

bool IsWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' ||
         c == '/' || c == ':' || c == '+' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

class FilterParser {
 public:
  FilterParser(std::string_view text, const std::map<std::string, std::string>& fields)
      : text_(text), fields_(fields) {}

  absl::StatusOr<std::vector<FilterTerm>> Parse() {
    std::vector<FilterTerm> terms;
    if (!IsCleanUtf8(text_)) {
      return FieldInvalid("filter", "must be UTF-8 without NUL");
    }
    SkipSpace();
    while (at_ < text_.size()) {
      if (terms.size() == kMaxTerms) {
        return Wrong("more than 20 terms");
      }
      if (!terms.empty()) {
        std::string joiner = Word();
        if (joiner != "AND") {
          return Wrong("terms are joined by AND only");
        }
        SkipSpace();
      }
      ASSIGN_OR_RETURN(FilterTerm term, Term());
      terms.push_back(std::move(term));
    }
    return terms;
  }

 private:
  absl::StatusOr<FilterTerm> Term() {
    term_ = at_;
    FilterTerm term;
    term.field = Word();
    auto allowed = fields_.find(term.field);
    if (allowed == fields_.end()) {
      return Wrong(term.field.empty() ? "a field is missing"
                                      : "unknown field `" + term.field + "`");
    }
    SkipSpace();
    term.op = Operator();
    if (term.op.empty() ||
        (" " + allowed->second + " ").find(" " + term.op + " ") == std::string::npos) {
      return Wrong("`" + term.field + "` takes the operators " + allowed->second);
    }
    SkipSpace();
    if (at_ < text_.size() && text_[at_] == '"') {
      if (!Quoted(&term.value)) {
        return Wrong("a quote is not closed");
      }
    } else {
      term.value = Word();
      if (term.value.empty()) {
        return Wrong("a value is missing behind `" + term.field + " " + term.op + "`");
      }
    }
    size_t end = at_;
    SkipSpace();
    if (end == at_ && at_ < text_.size()) {
      return Wrong("unexpected text behind a value; quote values with other characters");
    }
    return term;
  }

  std::string Word() {
    size_t begin = at_;
    while (at_ < text_.size() && IsWordCharacter(text_[at_])) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string Operator() {
    for (std::string_view op : {"!=", "<=", ">=", "=", "<", ">"}) {
      if (text_.substr(at_, op.size()) == op) {
        at_ += op.size();
        return std::string(op);
      }
    }
    return "";
  }

  // `\"` and `\\` are the two escapes.
  bool Quoted(std::string* out) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size() &&
          (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\')) {
        ++at_;
      }
      out->push_back(text_[at_]);
    }
    return false;
  }

  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  absl::Status Wrong(const std::string& what) const {
    std::string description = what + ", near `" + Near() + "`; allowed are";
    for (const auto& [field, operators] : fields_) {
      description += " " + field + " (" + operators + ")";
    }
    return FieldInvalid("filter", description + ", values in double quotes, joined by AND");
  }

  // The term at fault, at most 40 bytes, whole characters.
  std::string Near() const {
    size_t end = std::min(text_.size(), term_ + 40);
    while (end > term_ && end < text_.size() &&
           (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) {
      --end;
    }
    return std::string(text_.substr(term_, end - term_));
  }

  std::string_view text_;
  const std::map<std::string, std::string>& fields_;
  size_t at_ = 0;
  size_t term_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<FilterTerm>> ParseFilter(
    std::string_view filter, const std::map<std::string, std::string>& fields) {
  return FilterParser(filter, fields).Parse();
}

absl::Status NarrowTime(const FilterTerm& term, Time& from, Time& to) {
  // The smallest bound that makes `>` of `>=`: times are whole microseconds.
  constexpr Duration kStep = Microseconds(1);
  const absl::StatusOr<Time> value = ParseTime(term.value);
  if (!value.ok()) {
    return FieldInvalid("filter",
                        "`" + term.field + "`: `" + term.value + "` is not an RFC 3339 time");
  }
  if (term.op == ">" || term.op == ">=") {
    from = std::max(from, term.op == ">" ? *value + kStep : *value);
  } else {
    to = std::min(to, term.op == "<" ? *value - kStep : *value);
  }
  return absl::OkStatus();
}

}  // namespace steward::rpc
