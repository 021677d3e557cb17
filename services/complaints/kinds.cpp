#include "services/complaints/kinds.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/service/text_data.h"
#include "services/complaints/shipped_kinds.h"
#include "steward/complaints/v1/complaints_service.pb.h"

namespace steward::complaints {
absl::StatusOr<KindTree> ParseKinds(std::string_view text) {
  v1::ListTicketKindsResponse file;
  RETURN_IF_ERROR(service::ParseTextData(text, &file));
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
  return service::LoadTextData<KindTree>(file, kShippedKinds, ParseKinds);
}

}  // namespace steward::complaints
