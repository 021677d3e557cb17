#include "services/sla/board/projector.h"

#include <algorithm>
#include <set>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "libs/log/log.h"

namespace steward::sla {
namespace {

constexpr int kPage = 1000;       // rows of the journal
constexpr int kBuildPage = 2000;  // clocks

// Lock class of the projector in the two-int space, beside those of the watcher's shards.
constexpr pg::Statement kTry{"sla_board_try", "SELECT pg_try_advisory_lock(21326, 0)"};

}  // namespace

absl::StatusOr<bool> BoardProjector::TakeLead() {
  if (!leads_) {
    ASSIGN_OR_RETURN(const pg::Result got, connection_.Run(kTry));
    leads_ = got.Bool(0, 0);
  }
  return leads_;
}

absl::StatusOr<BoardProjector::Progress> BoardProjector::Step() {
  Progress progress;
  if (head_) {
    const absl::StatusOr<bool> more = Follow();
    if (more.ok()) {
      progress.more = *more;
      return progress;
    }
    if (more.status().code() != absl::StatusCode::kAborted) {
      return more.status();
    }
    log::Info("building the board anew", {{"reason", FromAbsl(more.status().message())}});
  }
  head_.reset();
  RETURN_IF_ERROR(Build());
  progress.rebuilt = true;
  return progress;
}

// The journal's end comes first: what changes during the scan is met again behind it.
absl::Status BoardProjector::Build() {
  const int64_t begin = MonotonicMicros();
  RETURN_IF_ERROR(writer_.Drop());
  ASSIGN_OR_RETURN(const JournalEnd end, FindJournalEnd(connection_));
  BoardHead head{std::to_string(end.sampled_at.micros), end.position(), end.sampled_at};
  ScanPlace place;
  int64_t clocks = 0;
  while (true) {
    if (!go_on_()) {
      return absl::CancelledError("the process stops");
    }
    ASSIGN_OR_RETURN(const auto page, ScanOpenClocks(connection_, place, kBuildPage));
    RETURN_IF_ERROR(writer_.Fill(head.generation, page));
    clocks += static_cast<int64_t>(page.size());
    if (static_cast<int>(page.size()) < kBuildPage) {
      break;
    }
  }
  RETURN_IF_ERROR(writer_.Finish(head));
  sample_.reset();
  head_ = head;
  log::Info("board built", {{"clocks", clocks}, {"millis", (MonotonicMicros() - begin) / 1000}});
  return absl::OkStatus();
}

void BoardProjector::MoveTime(const JournalEnd& end, Time& as_of) {
  if (!sample_) {
    sample_ = end;
  }
  if (end.horizon >= sample_->newest) {
    as_of = std::max(as_of, sample_->sampled_at);
    sample_.reset();
  }
}

absl::StatusOr<bool> BoardProjector::Follow() {
  ASSIGN_OR_RETURN(const JournalEnd end, FindJournalEnd(connection_));
  ASSIGN_OR_RETURN(const auto rows,
                   eventing::ReadChanges(connection_, head_->position, "", {"clock."}, kPage));
  std::set<std::string> touched;
  for (const eventing::JournalRow& row : rows) {
    touched.insert(row.aggregate);
  }
  BoardHead next = *head_;
  if (!rows.empty()) {
    next.position = {rows.back().xid, rows.back().seq};
  }
  const bool more = static_cast<int>(rows.size()) == kPage;
  if (!more) {
    next.position = std::max(next.position, end.position());
    MoveTime(end, next.as_of);
  }
  const std::vector<std::string> names(touched.begin(), touched.end());
  ASSIGN_OR_RETURN(const auto open, FindOpenClocks(connection_, names));
  ASSIGN_OR_RETURN(const auto difference, writer_.Compare(*head_, names, open));
  BoardWriter::Next due;
  for (const auto& [party, changes] : difference.parties) {
    std::vector<std::string> whose;
    for (const auto& [who, n] : changes) {
      whose.push_back(who);
    }
    ASSIGN_OR_RETURN(due[party], FindNext(connection_, party, whose));
  }
  RETURN_IF_ERROR(writer_.Apply(difference, due, next));
  head_ = next;
  return more;
}

}  // namespace steward::sla
