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

// The message as the next version.
template <class Message>
absl::Status Install(pg::Tx& tx, const service::Env& env, const Shipped& shipped, Message message,
                     Time now, std::vector<eventing::NewEvent>& events) {
  if (shipped.last_shipped->rows() > 0 &&
      ReadDefinition(*shipped.last_shipped, 0).digest == shipped.digest) {
    return absl::OkStatus();
  }
  const int64_t version =
      shipped.latest->rows() == 0 ? 1 : ReadDefinition(*shipped.latest, 0).version + 1;
  message.set_version(version);
  message.set_creator(kShipper);
  *message.mutable_create_time() = rpc::ToProto(now);
  QueueInsert(tx,
              {shipped.name, version, message.SerializeAsString(), shipped.digest, kShipper, now});
  events.push_back(DefinitionEvent(*env.ids, now, shipped.name, version, shipped.digest));
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
        std::vector<Shipped> kpis;
        std::vector<Shipped> scorecards;
        const auto look = [&](const std::string& name, std::string digest) {
          return Shipped{name, std::move(digest), QueueLatestOf(tx, name, kShipper),
                         QueueLatest(tx, name)};
        };
        for (const v1::CardFile& file : cards) {
          for (const v1::Kpi& kpi : file.kpis()) {
            kpis.push_back(look(kpi.name(), DigestOf(kpi)));
          }
          scorecards.push_back(look(file.scorecard().name(), DigestOf(file.scorecard())));
        }
        RETURN_IF_ERROR(tx.Flush());
        std::vector<eventing::NewEvent> events;
        size_t kpi = 0;
        size_t card = 0;
        for (const v1::CardFile& file : cards) {
          for (const v1::Kpi& each : file.kpis()) {
            RETURN_IF_ERROR(Install(tx, env, kpis[kpi++], each, now, events));
          }
          RETURN_IF_ERROR(Install(tx, env, scorecards[card++], file.scorecard(), now, events));
        }
        return eventing::Append(tx, {kShipper, "shipped cards", "", kNoTrace}, events,
                                *env.topic_message);
      });
}

}  // namespace steward::scoring
