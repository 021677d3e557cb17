#include "libs/service/pages.h"

#include <algorithm>

#include "libs/base/status.h"

namespace steward::service {

absl::StatusOr<Page> OpenPage(const rpc::PageTokens& tokens, std::string query, int page_size,
                              std::string_view page_token, size_t parts) {
  ASSIGN_OR_RETURN(const int size, rpc::PageSize(page_size));
  ASSIGN_OR_RETURN(std::vector<std::string> place, tokens.Read(query, page_token));
  if (!place.empty() && place.size() != parts) {
    return rpc::BadPageToken();
  }
  return Page(tokens, std::move(query), size, std::move(place));
}

std::vector<std::string> PlaceOf(Time time, const Uuid& id) {
  return {std::to_string(time.micros), id.ToString()};
}

absl::StatusOr<std::optional<TimePlace>> ReadTimePlace(const Page& page) {
  if (page.place().empty()) {
    return std::optional<TimePlace>();
  }
  ASSIGN_OR_RETURN(const int64_t micros, rpc::CursorNumber(page.place()[0]));
  ASSIGN_OR_RETURN(const Uuid id, ReadPlaceId(page.place()[1]));
  return std::optional(TimePlace{Time{micros}, id});
}

absl::StatusOr<Uuid> ReadPlaceId(const std::string& text) {
  const absl::StatusOr<Uuid> id = Uuid::Parse(text);
  return id.ok() ? id : rpc::BadPageToken();
}

absl::StatusOr<History> ReadHistory(pg::Connection& db, const Page& page, std::string_view name) {
  History history;
  ASSIGN_OR_RETURN(history.shown, rpc::ReadHistoryCursor(page.place()));
  history.after = std::max<int64_t>(history.shown.version - 1, 0);
  ASSIGN_OR_RETURN(history.rows, eventing::ReadAggregate(db, name, history.after, page.size() + 2));
  history.last = history.rows.empty() ? history.after : history.rows.back().aggregate_version;
  return history;
}

}  // namespace steward::service
