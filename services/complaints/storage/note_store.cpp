#include "services/complaints/storage/note_store.h"

#include "libs/base/status.h"

namespace steward::complaints {
namespace {

constexpr pg::Statement kInsertNote{
    "note_insert",
    "INSERT INTO ticket_note (ticket, id, text, author, create_time) VALUES ($1, $2, $3, $4, $5)"};
constexpr pg::Statement kListNotes{"note_list",
                                   "SELECT ticket, id, text, author, create_time FROM ticket_note "
                                   "WHERE ticket = $1::uuid AND ($2::uuid IS NULL OR id < $2)"
                                   " ORDER BY id DESC LIMIT $3::bigint"};

}  // namespace

void QueueInsertNote(pg::Tx& tx, const Note& note) {
  tx.Queue(kInsertNote, pg::Params()
                            .Add(note.ticket)
                            .Add(note.id)
                            .Add(note.text)
                            .Add(note.author)
                            .Add(note.create_time));
}

absl::StatusOr<std::vector<Note>> ListNotes(pg::Connection& db, const Uuid& ticket,
                                            const std::optional<Uuid>& before, int limit,
                                            Duration timeout) {
  ASSIGN_OR_RETURN(
      const pg::Result result,
      db.Run(kListNotes,
             pg::Params().Add(ticket).AddOptional(before).Add(static_cast<int64_t>(limit)),
             timeout));
  std::vector<Note> notes;
  for (int row = 0; row < result.rows(); ++row) {
    notes.push_back({result.Uuid(row, 0), result.Uuid(row, 1), result.Text(row, 2),
                     result.Text(row, 3), result.Timestamp(row, 4)});
  }
  return notes;
}

}  // namespace steward::complaints
