#pragma once
// The ledger of one signed contract, with what was already said about its instalments: every change adds its events, and
// none is said twice. Amounts come from ComputeLedger alone.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "services/orders/domain/collection.h"
#include "services/orders/domain/ledger.h"

namespace steward::orders {

// Who is behind a contract; ids and codes.
struct LedgerParty {
  std::string customer;                // customers/{id}
  std::string owner;                   // members/{id}
  std::string team;                    // teams/{id}, or empty
  std::string region;                  // code, or empty
  std::vector<std::string> kind_path;  // kind of the contract, then its ancestors
  friend bool operator==(const LedgerParty&, const LedgerParty&) = default;
};

// What the last event said of an instalment. The numbers are stored.
enum class Said : int { kOpen = 1, kDueDatePassed = 2, kSettled = 3 };

struct InstalmentRecord {
  int64_t version = 0;  // number of its events
  int64_t cycle = 0;    // number of times that its due date had passed
  Said said = Said::kOpen;
  friend bool operator==(const InstalmentRecord&, const InstalmentRecord&) = default;
};

struct LedgerData {
  Uuid contract;
  int64_t version = 0;  // number of events of the ledger itself
  LedgerParty party;
  Receivable receivable;
  std::vector<CashEntry> entries;
  std::vector<InstalmentRecord> instalments;  // by number
};

// Difference of one account between two states of a ledger.
struct AccountChange {
  int64_t instalment = 0;  // 0 for kCredit and kOverdrawn
  Account account = Account::kPaid;
  int64_t minor = 0;
  std::optional<absl::CivilDay> due;  // as known after it
  friend bool operator==(const AccountChange&, const AccountChange&) = default;
};
std::vector<AccountChange> Difference(const LedgerState& before, const LedgerState& after);
// Difference of what was paid of an instalment by the end of its due date. A due date that moves takes it from one to the other.
struct OnTimeChange {
  int64_t instalment = 0;
  absl::CivilDay due;
  int64_t minor = 0;
  friend bool operator==(const OnTimeChange&, const OnTimeChange&) = default;
};

struct LedgerOpened {};
struct EntryWritten {
  CashEntry entry;
  std::vector<AccountChange> changes;
  int64_t open = 0, cash = 0, credit = 0;
  std::vector<OnTimeChange> on_time = {};
};
// What was paid is allocated otherwise, or counts as in time otherwise.
struct LedgerReallocated {
  std::vector<AccountChange> changes;
  std::vector<OnTimeChange> on_time = {};
};
struct DueDateKnown {
  std::optional<absl::CivilDay> from;
  absl::CivilDay due;
};
struct DueDatePassed {
  int64_t cycle;
  absl::CivilDay due;
  int64_t open;
};
struct InstalmentSettled {
  int64_t cycle;
  absl::CivilDay settled_on;
  bool written_off;
};
struct InstalmentReopened {
  int64_t cycle;
  int64_t open;
};
struct InstalmentAssigned {
  std::string from_owner, owner, team;
};

// When an event happened: when it is told, at 00:00 of a day, or at the end of a day but not after it is told.
enum class EventInstant { kNow, kStartOf, kEndOf };

struct LedgerEvent {
  int64_t instalment = 0;  // 0 = of the ledger itself
  int64_t version = 0;
  EventInstant instant = EventInstant::kNow;
  absl::CivilDay day;  // of kStartOf and kEndOf
  std::variant<LedgerOpened, EntryWritten, LedgerReallocated, DueDateKnown, DueDatePassed,
               InstalmentSettled, InstalmentReopened, InstalmentAssigned>
      body;
};

// `today` is the day in the company's zone of the command. Refusals are those of ComputeLedger and CheckEntry; what is refused
// changes nothing.
class ContractLedger {
 public:
  // With the signature. `data` has contract, party and receivable.
  static absl::StatusOr<ContractLedger> Open(LedgerData data, absl::CivilDay today);
  static absl::StatusOr<ContractLedger> Load(LedgerData stored, absl::CivilDay today);

  const LedgerData& data() const { return data_; }
  // As of today, all that is recorded included.
  const LedgerState& state() const { return state_; }
  // Since opening or loading, in version order within an aggregate.
  const std::vector<LedgerEvent>& events() const { return events_; }

  [[nodiscard]] absl::Status Record(const CashEntry& entry);
  // What a plan waits for has happened. A day that is known already stays; true when one became known.
  absl::StatusOr<bool> Know(const DueEventDates& dates);
  // Says what passed and was not said yet; true when something did.
  bool PassDueDates();
  // The contract has another owner: told of what is overdue.
  void Assign(const std::string& owner, const std::string& team);

 private:
  ContractLedger(LedgerData data, absl::CivilDay today) : data_(std::move(data)), today_(today) {}
  absl::StatusOr<LedgerState> Compute() const;
  absl::StatusOr<PaidInTime> InTime() const;
  void TellLedger(std::variant<LedgerOpened, EntryWritten, LedgerReallocated> body);
  template <class Body>
  void Tell(size_t index, EventInstant instant, absl::CivilDay day, Body body);
  // What changed of one instalment, from `before` to the state now.
  void Follow(size_t index, const InstalmentStanding& before);
  bool Passed(const InstalmentStanding& instalment) const {
    return instalment.due && *instalment.due < today_;
  }
  void TellPassed(size_t index, int64_t open);

  LedgerData data_;
  absl::CivilDay today_;
  LedgerState state_;
  std::vector<LedgerEvent> events_;
};

}  // namespace steward::orders
