#include "services/scoring/cards.h"

#include <map>

#include "libs/base/status.h"
#include "libs/eventing/journal.h"
#include "libs/rpc/validate.h"
#include "libs/service/text_data.h"
#include "services/scoring/api/definitions.h"
#include "services/scoring/events/scoring_events.h"
#include "services/scoring/shipped_cards.h"

namespace steward::scoring {
namespace {

constexpr char kShipper[] = "system:scoring";
constexpr char kLock[] = "scoring/definitions";

absl::Status CheckCard(const v1::CardFile& file) {
  std::map<std::string, CompiledKpi> kpis;
  for (const v1::Kpi& kpi : file.kpis()) {
    ASSIGN_OR_RETURN(CompiledKpi compiled, Compile(kpi.name(), kpi));
    kpis.emplace(kpi.name(), std::move(compiled));
  }
  std::vector<CompiledKpi> items;
  for (const v1::ScorecardItem& item : file.scorecard().items()) {
    const auto found = kpis.find(item.kpi());
    if (found == kpis.end()) {
      return FieldInvalid("items", "`" + item.kpi() + "` is not defined in this file");
    }
    items.push_back(found->second);
  }
  ASSIGN_OR_RETURN(const Scorecard card,
                   CompileCard(file.scorecard().name(), file.scorecard(), items));
  return CheckPublishable(card);
}

template <class Message>
std::string Digest(Message message) {
  message.clear_version();
  message.clear_create_time();
  message.clear_creator();
  return rpc::RequestHash(message);
}

struct Shipped {
  std::string name, digest;
  pg::Pending last_shipped, latest;
};

template <class Message>
Shipped Look(pg::Tx& tx, const Message& message) {
  return {message.name(), DigestOf(message), QueueLatestOf(tx, message.name(), kShipper),
          QueueLatest(tx, message.name())};
}

// The message as the next version, unless it is what was shipped last; the version that says what is shipped.
template <class Message>
int64_t Install(pg::Tx& tx, const service::Env& env, const Shipped& shipped, Message message,
                Time now, std::vector<eventing::NewEvent>& events) {
  if (shipped.last_shipped->rows() > 0) {
    const StoredDefinition last = ReadDefinition(*shipped.last_shipped, 0);
    if (last.digest == shipped.digest) {
      return last.version;
    }
  }
  const int64_t version =
      shipped.latest->rows() == 0 ? 1 : ReadDefinition(*shipped.latest, 0).version + 1;
  message.set_version(version);
  message.set_creator(kShipper);
  *message.mutable_create_time() = rpc::ToProto(now);
  QueueInsert(tx,
              {shipped.name, version, message.SerializeAsString(), shipped.digest, kShipper, now});
  events.push_back(DefinitionEvent(*env.ids, now, shipped.name, version, shipped.digest));
  return version;
}

using Versions = std::map<std::string, int64_t>;

absl::StatusOr<Versions> InstallKpis(pg::Tx& tx, const service::Env& env,
                                     const std::vector<v1::CardFile>& cards, Time now,
                                     std::vector<eventing::NewEvent>& events) {
  std::vector<std::pair<const v1::Kpi*, Shipped>> kpis;
  for (const v1::CardFile& file : cards) {
    for (const v1::Kpi& kpi : file.kpis()) {
      kpis.emplace_back(&kpi, Look(tx, kpi));
    }
  }
  RETURN_IF_ERROR(tx.Flush());
  Versions versions;
  for (const auto& [kpi, shipped] : kpis) {
    versions[kpi->name()] = Install(tx, env, shipped, *kpi, now, events);
  }
  return versions;
}

// Each with the versions that it keeps: a KPI that is shipped anew makes its card anew.
absl::Status InstallScorecards(pg::Tx& tx, const service::Env& env,
                               const std::vector<v1::CardFile>& cards, const Versions& versions,
                               Time now, std::vector<eventing::NewEvent>& events) {
  std::vector<std::pair<v1::Scorecard, Shipped>> made;
  for (const v1::CardFile& file : cards) {
    v1::Scorecard card = file.scorecard();
    for (v1::ScorecardItem& item : *card.mutable_items()) {
      item.set_kpi_version(versions.at(item.kpi()));
    }
    Shipped shipped = Look(tx, card);
    made.emplace_back(std::move(card), std::move(shipped));
  }
  RETURN_IF_ERROR(tx.Flush());
  for (const auto& [card, shipped] : made) {
    Install(tx, env, shipped, card, now, events);
  }
  return absl::OkStatus();
}

}  // namespace

std::string DigestOf(v1::Kpi kpi) { return Digest(std::move(kpi)); }

std::string DigestOf(v1::Scorecard card) {
  card.clear_findings();
  return Digest(std::move(card));
}

absl::StatusOr<std::vector<v1::CardFile>> ParseCards(
    const std::vector<std::pair<std::string_view, std::string_view>>& files) {
  std::vector<v1::CardFile> cards;
  for (const auto& [name, text] : files) {
    v1::CardFile card;
    absl::Status status = service::ParseTextData(text, &card);
    if (status.ok()) {
      status = CheckCard(card);
    }
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          ToAbsl(std::string(name) + ": " + std::string(FromAbsl(status.message()))));
    }
    cards.push_back(std::move(card));
  }
  return cards;
}

absl::StatusOr<std::vector<v1::CardFile>> ShippedCards() {
  return ParseCards({std::begin(kShippedCards), std::end(kShippedCards)});
}

absl::Status InstallCards(pg::Connection& db, const service::Env& env,
                          const std::vector<v1::CardFile>& cards) {
  const Time now = env.clock->Now();
  return pg::RunInTx(
      db, {.budget = Seconds(30), .name = "install_cards"}, [&](pg::Tx& tx) -> absl::Status {
        tx.Lock({pg::LockKey::Exclusive(kLock)});
        std::vector<eventing::NewEvent> events;
        ASSIGN_OR_RETURN(const Versions versions, InstallKpis(tx, env, cards, now, events));
        RETURN_IF_ERROR(InstallScorecards(tx, env, cards, versions, now, events));
        return eventing::Append(tx, {kShipper, "shipped cards", "", kNoTrace}, events,
                                *env.topic_message);
      });
}

}  // namespace steward::scoring
