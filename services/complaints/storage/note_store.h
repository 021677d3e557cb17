#pragma once
// SQL of notes. Their text stays in this table.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"

namespace steward::complaints {

struct Note {
  Uuid ticket, id;
  std::string text, author;
  Time create_time;
};

void QueueInsertNote(pg::Tx& tx, const Note& note);
// Newest first, those before `before`.
absl::StatusOr<std::vector<Note>> ListNotes(pg::Connection& db, const Uuid& ticket,
                                            const std::optional<Uuid>& before, int limit,
                                            Duration timeout);

}  // namespace steward::complaints
