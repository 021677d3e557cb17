#pragma once
// Pages of list methods: one row more than the page is read, which tells whether another page follows.
//
//   ASSIGN_OR_RETURN(const service::Page page, service::OpenPage(*tokens, "ListThings\n" + request.filter(), request));
//   ASSIGN_OR_RETURN(const std::optional<service::TimePlace> after, service::ReadTimePlace(page));
//   ASSIGN_OR_RETURN(std::vector<Thing> things, ListThings(*db, after, page.limit(), call.TimeLeft()));
//   if (page.Cut(things)) {
//     page.Continue(service::PlaceOf(things.back().create_time, things.back().id), response);
//   }

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/status.h"
#include "libs/eventing/journal.h"
#include "libs/rpc/paging.h"

namespace steward::service {

class Page {
 public:
  Page(const rpc::PageTokens& tokens, std::string query, int size, std::vector<std::string> place)
      : tokens_(&tokens), query_(std::move(query)), size_(size), place_(std::move(place)) {}
  int size() const { return size_; }
  int limit() const { return size_ + 1; }
  // Where the page before ended; empty on the first.
  const std::vector<std::string>& place() const { return place_; }
  // Whether another page follows.
  template <class Row>
  bool Cut(std::vector<Row>& rows) const {
    if (rows.size() <= static_cast<size_t>(size_)) {
      return false;
    }
    rows.erase(rows.begin() + size_, rows.end());
    return true;
  }
  template <class Response>
  void Continue(const std::vector<std::string>& place, Response* response) const {
    response->set_next_page_token(tokens_->Make(query_, place));
  }

 private:
  const rpc::PageTokens* tokens_;
  std::string query_;
  int size_;
  std::vector<std::string> place_;
};

// `query` as in rpc::PageTokens. The place has `parts` parts or none; any other token is refused.
absl::StatusOr<Page> OpenPage(const rpc::PageTokens& tokens, std::string query, int page_size,
                              std::string_view page_token, size_t parts);
template <class Request>
absl::StatusOr<Page> OpenPage(const rpc::PageTokens& tokens, std::string query,
                              const Request& request, size_t parts = 2) {
  return OpenPage(tokens, std::move(query), request.page_size(), request.page_token(), parts);
}

// The place of lists that are ordered by a time and an id.
using TimePlace = std::pair<Time, Uuid>;
std::vector<std::string> PlaceOf(Time time, const Uuid& id);
absl::StatusOr<std::optional<TimePlace>> ReadTimePlace(const Page& page);
absl::StatusOr<Uuid> ReadPlaceId(const std::string& text);

// The rows of the journal that a page of an object's history shows, the last of the page before among them: a version may have
// several changes.
struct History {
  rpc::HistoryCursor shown;
  int64_t after = 0, last = 0;  // versions: all rows are behind the first, the second is the last
  std::vector<eventing::JournalRow> rows;
};
absl::StatusOr<History> ReadHistory(pg::Connection& db, const Page& page, std::string_view name);
// `changes_of` answers the changes of one row.
template <class ChangesOf, class Response>
absl::Status ShowHistory(const Page& page, const History& history, const ChangesOf& changes_of,
                         Response* response) {
  rpc::HistoryCursor reached = history.shown;
  for (const eventing::JournalRow& row : history.rows) {
    ASSIGN_OR_RETURN(const auto changes, changes_of(row));
    const bool begun = row.aggregate_version == history.shown.version;
    for (size_t part = begun ? static_cast<size_t>(history.shown.part) : 0; part < changes.size();
         ++part) {
      if (response->changes_size() == page.size()) {
        page.Continue({std::to_string(reached.version), std::to_string(reached.part)}, response);
        return absl::OkStatus();
      }
      *response->add_changes() = changes[part];
      reached = {row.aggregate_version, static_cast<int64_t>(part) + 1};
    }
  }
  return absl::OkStatus();
}

}  // namespace steward::service
