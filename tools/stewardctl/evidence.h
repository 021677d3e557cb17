#pragma once
// Evidence on a command line, `proposal=files/7`.

#include <string>

#include "libs/base/refusals.h"
#include "steward/leads/v1/opportunities.pb.h"
#include "tools/stewardctl/command.h"

namespace stewardctl {

inline Arg EvidenceOption() {
  return OptionList("evidence", "What is shown, `code=reference`; see `pipelines get`.").Into("-");
}

// INVALID_ARGUMENT naming --evidence.
inline absl::Status AddEvidence(
    const Args& args, google::protobuf::RepeatedPtrField<steward::leads::v1::Evidence>* evidence) {
  for (const std::string& text : args.Texts("evidence")) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return steward::FieldInvalid("--evidence", "`" + text + "` is not `code=reference`");
    }
    steward::leads::v1::Evidence& added = *evidence->Add();
    added.set_code(text.substr(0, equals));
    added.set_reference(text.substr(equals + 1));
  }
  return absl::OkStatus();
}

}  // namespace stewardctl
