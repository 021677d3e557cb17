#include "services/sla/events/rematcher.h"

#include "libs/base/status.h"
#include "libs/log/log.h"
#include "services/sla/events/subjects.h"

namespace steward::sla {
namespace {

constexpr Duration kInterval = Seconds(5);  // also finds what another replica left behind
constexpr int kPage = 100;

}  // namespace

Rematcher::Rematcher(Deps deps)
    : deps_(std::move(deps)), loop_("rematcher", kInterval, [this] { Run(); }) {}

void Rematcher::Run() {
  if (const absl::Status status = RunAll(); !status.ok()) {
    log::Warning("cannot match tickets again after a change of tier",
                 {{"error", std::string(FromAbsl(status.message()))}});
  }
}

absl::Status Rematcher::RunAll() {
  if (connection_ == nullptr || !connection_->healthy()) {
    ASSIGN_OR_RETURN(connection_, pg::Connection::Open(deps_.pg));
  }
  for (std::string after;;) {
    ASSIGN_OR_RETURN(const std::vector<Waiting> page, FindWaiting(*connection_, after, kPage));
    for (const Waiting& waiting : page) {
      RETURN_IF_ERROR(MatchCustomer(waiting));
    }
    if (page.size() < kPage) {
      return absl::OkStatus();
    }
    after = page.back().customer;
  }
}

absl::Status Rematcher::MatchCustomer(const Waiting& waiting) {
  bool all = true;
  for (std::string after;;) {
    ASSIGN_OR_RETURN(const std::vector<std::string> page,
                     FindBehind(*connection_, waiting, after, kPage));
    for (const std::string& name : page) {
      if (const absl::Status status = MatchTicket(name); !status.ok()) {
        if (!connection_->healthy()) {
          return status;
        }
        all = false;
        log::Warning("cannot match a ticket again after a change of tier",
                     {{"ticket", name}, {"error", std::string(FromAbsl(status.message()))}});
      }
    }
    if (page.size() < kPage) {
      return all ? FinishWaiting(*connection_, waiting) : absl::OkStatus();
    }
    after = page.back();
  }
}

absl::Status Rematcher::MatchTicket(const std::string& name) {
  pg::TxOptions options;
  options.name = "sla_rematch";
  RETURN_IF_ERROR(pg::RunInTx(*connection_, options, [&](pg::Tx& tx) -> absl::Status {
    tx.Lock({SharedRuleset(), pg::LockKey::Exclusive(name)});
    const pg::Pending seen = QueueTiersSeen(tx, name);
    const pg::Pending tiers = QueueTiersOfSubject(tx, name);
    const SubjectRows rows = QueueSubjects(tx, {name});
    RETURN_IF_ERROR(tx.Flush());
    const std::vector<CustomerTiers> told = ReadTiers(*tiers);
    if (told.empty() || seen->Bool(0, 1) || seen->Int(0, 0) >= told.back().version) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const auto rules, deps_.rules->Get(tx, rows.revision->Int(0, 0)));
    ASSIGN_OR_RETURN(Subjects subjects, ReadSubjects(rows));
    std::vector<StoredFact> learnt;
    RETURN_IF_ERROR(AddTiers(name, told, seen->Int(0, 0), *rules, subjects[name], &learnt));
    const auto org = deps_.org->Get();
    const ChangeContext context{*rules, *org, *deps_.ids, rows.now->Timestamp(0, 0)};
    Batch batch;
    batch.SetOrigin({"system:sla", "rematch", told.back().event_id.ToString(),
                     "00-00000000000000000000000000000001-0000000000000001-00"});
    Decided decided;
    Replan(name, subjects[name], context, batch, decided);
    tx.AfterCommit([this, armed = batch.armed(), decided] {
      Count(decided, *deps_.metrics);
      deps_.armed(armed);
    });
    QueueFacts(tx, learnt);
    return batch.Queue(tx);
  }));
  deps_.done();
  return absl::OkStatus();
}

}  // namespace steward::sla
