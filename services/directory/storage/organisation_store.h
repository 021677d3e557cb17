#pragma once
// The whole organisation for the rules that span rows, without personal data.

#include "libs/pg/tx.h"
#include "services/directory/domain/organisation.h"

namespace steward::directory {

// Queues the loading of every row; Get builds the organisation after the next Flush.
class OrganisationRows {
 public:
  static OrganisationRows Queue(pg::Tx& tx);
  Organisation Get() const;

 private:
  pg::Pending members_, teams_, roles_;
};

}  // namespace steward::directory
