#include "services/leads/api/opportunity_mapping.h"

#include <algorithm>
#include <map>
#include <set>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/validate.h"
#include "libs/rpc/values.h"
#include "services/leads/api/mapping.h"
#include "services/leads/api/pipeline_mapping.h"
#include "services/leads/domain/reference.h"

namespace steward::leads {
namespace {

constexpr std::string_view kCollection = "opportunities/";
constexpr size_t kTextLength = 4000;
constexpr int kMaxPastMoves = 200;

std::vector<Proof> ReadProofs(const google::protobuf::RepeatedPtrField<v1::Evidence>& from,
                              const std::string& path, rpc::Faults& faults) {
  std::vector<Proof> proofs;
  for (int i = 0; i < from.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    if (!IsReference(from[i].code())) {
      faults.Add(at + ".code", "is a code of the pipeline");
    }
    if (!IsReference(from[i].reference())) {
      faults.Add(at + ".reference",
                 "is where it is kept: 1 to 200 of letters, digits and . _ : / -");
    }
    proofs.push_back({from[i].code(), from[i].reference()});
  }
  return proofs;
}

std::optional<Money> ReadAmount(bool given, const google::type::Money& from,
                                const std::string& field, rpc::Faults& faults) {
  if (!given) {
    return std::nullopt;
  }
  const absl::StatusOr<Money> amount = rpc::FromProto(field, from);
  if (!amount.ok()) {
    faults.Add(amount.status());
    return std::nullopt;
  }
  if (amount->minor < 0) {
    faults.Add(field, "is negative");
  }
  return *amount;
}

// `{collection}/{uuid}`, or empty.
std::string ReadUuidName(const std::string& field, std::string_view collection,
                         const std::string& name, rpc::Faults& faults) {
  const std::string prefix = std::string(collection) + "/";
  if (!name.empty() &&
      (!name.starts_with(prefix) || !Uuid::Parse(name.substr(prefix.size())).ok())) {
    faults.Add(field, "is `" + prefix + "{uuid}`");
  }
  return name;
}

OpportunityData ReadFacts(const v1::Opportunity& from) {
  OpportunityData data;
  data.stage = from.stage();
  data.customer = from.customer();
  data.owner = from.owner();
  data.team = from.team();
  return data;
}

void ReadPastMoves(const v1::CreateOpportunityRequest& request, IdGenerator& ids, Time now,
                   OpportunityDraft& draft, rpc::Faults& faults) {
  if (request.past_moves_size() > kMaxPastMoves) {
    faults.Add("past_moves", "are more than " + std::to_string(kMaxPastMoves));
    return;
  }
  for (int i = 0; i < request.past_moves_size(); ++i) {
    const v1::PastMove& from = request.past_moves(i);
    const std::string path = "past_moves[" + std::to_string(i) + "].";
    PastMove& move = draft.past_moves.emplace_back();
    move.type = faults.Line(path + "type", from.type());
    if (!from.has_occurred_at()) {
      faults.Add(path + "occurred_at", "is required");
    }
    move.occurred_at = rpc::FromProto(from.occurred_at());
    move.event_id = ids.NewId(now);
    move.stage = faults.Line(path + "stage", from.stage());
    move.proofs = ReadProofs(from.evidence(), path + "evidence", faults);
    move.amount = ReadAmount(from.has_amount(), from.amount(), path + "amount", faults);
    move.lost_reason = faults.Line(path + "lost_reason", from.lost_reason());
    const std::string note = faults.Text(path + "lost_note", from.lost_note(), kTextLength);
    if (!note.empty()) {
      move.lost_note = move.event_id.ToString();
      draft.notes.push_back({move.event_id, note, ""});
    }
  }
}

absl::Status ApplyStateTerm(const rpc::FilterTerm& term, OpportunityQuery& query) {
  std::set<int32_t> states;
  bool known = false;
  for (const StageKind kind : kStageKinds) {
    const bool named = term.value == NameOf(kind);
    known = known || named;
    if (named == (term.op == "=")) {
      states.insert(static_cast<int32_t>(kind));
    }
  }
  if (!known) {
    return FieldInvalid("filter",
                        "`state`: `" + term.value + "` is not OPEN, WON, LOST or DORMANT");
  }
  std::vector<int32_t>& kept = query.filter.states;
  if (kept.empty()) {
    kept.assign(states.begin(), states.end());
  } else {
    std::erase_if(kept, [&](int32_t state) { return states.count(state) == 0; });
  }
  query.nothing = query.nothing || kept.empty();
  return absl::OkStatus();
}

absl::Status ApplyTerm(const rpc::FilterTerm& term, OpportunityQuery& query) {
  OpportunityFilter& filter = query.filter;
  if (term.field == "state") {
    return ApplyStateTerm(term, query);
  }
  if (term.field == "create_time") {
    return rpc::NarrowTime(term, filter.created_from, filter.created_to);
  }
  if (term.field == "update_time") {
    return rpc::NarrowTime(term, filter.updated_from, filter.updated_to);
  }
  if (term.field == "close_time") {
    Time from = filter.closed_from.value_or(kEpoch), to = filter.closed_to.value_or(kClientTimeEnd);
    RETURN_IF_ERROR(rpc::NarrowTime(term, from, to));
    filter.closed_from = from;
    filter.closed_to = to;
    return absl::OkStatus();
  }
  std::string value = term.value;
  if (term.field == "pipeline") {
    ASSIGN_OR_RETURN(value, ParsePipelineName("filter", term.value));
  }
  if (term.op == "!=") {
    filter.not_equal[term.field].push_back(value);
    return absl::OkStatus();
  }
  const auto [kept, added] = filter.equal.emplace(term.field, value);
  query.nothing = query.nothing || (!added && kept->second != value);
  return absl::OkStatus();
}

const std::map<std::string, std::string>& FilterFields() {
  static const std::map<std::string, std::string> fields = [] {
    std::map<std::string, std::string> made{{"state", "= !="},
                                            {"create_time", "< <= > >="},
                                            {"update_time", "< <= > >="},
                                            {"close_time", "< <= > >="}};
    for (const std::string_view column : kOpportunityColumns) {
      made.emplace(column, "= !=");
    }
    return made;
  }();
  return fields;
}

}  // namespace

absl::StatusOr<Uuid> ParseOpportunityName(std::string_view field, std::string_view name) {
  if (name.starts_with(kCollection)) {
    if (const auto id = Uuid::Parse(name.substr(kCollection.size())); id.ok()) {
      return *id;
    }
  }
  return FieldInvalid(field, "is `opportunities/{uuid}`");
}

absl::StatusOr<std::vector<Proof>> FromProto(
    const google::protobuf::RepeatedPtrField<v1::Evidence>& from) {
  rpc::Faults faults;
  std::vector<Proof> proofs = ReadProofs(from, "evidence", faults);
  RETURN_IF_ERROR(faults.status());
  return proofs;
}

absl::StatusOr<OpportunityDraft> FromProto(const v1::CreateOpportunityRequest& request,
                                           IdGenerator& ids, Time now) {
  const v1::Opportunity& from = request.opportunity();
  rpc::Faults faults;
  OpportunityDraft draft;
  draft.data = ReadFacts(from);
  OpportunityData& data = draft.data;
  draft.given = !request.opportunity_id().empty();
  data.id = ids.NewId(now);
  draft.event_id = ids.NewId(now);
  if (draft.given) {
    const auto id = Uuid::Parse(request.opportunity_id());
    id.ok() ? void(data.id = *id) : faults.Add("opportunity_id", "is a UUID");
  }
  const auto pipeline = ParsePipelineName("opportunity.pipeline", from.pipeline());
  pipeline.ok() ? void(data.pipeline = *pipeline) : faults.Add(pipeline.status());
  faults.Line("opportunity.stage", from.stage());
  faults.Name("opportunity.customer", "customers", from.customer());
  data.lead = ReadUuidName("opportunity.lead", "leads", from.lead(), faults);
  data.campaign = ReadUuidName("opportunity.campaign", "campaigns", from.campaign(), faults);
  faults.Name("opportunity.owner", "members", from.owner());
  faults.Name("opportunity.team", "teams", from.team());
  data.region = faults.Line("opportunity.region", from.region());
  data.amount = ReadAmount(from.has_amount(), from.amount(), "opportunity.amount", faults);
  if (from.has_expected_close()) {
    const auto day = rpc::FromProto("opportunity.expected_close", from.expected_close());
    day.ok() ? void(data.expected_close = *day) : faults.Add(day.status());
  }
  data.proofs = ReadProofs(from.evidence(), "opportunity.evidence", faults);
  draft.occurred_at = OptionalTime(from.has_occurred_at(), from.occurred_at());
  ReadPastMoves(request, ids, now, draft, faults);
  RETURN_IF_ERROR(faults.status());
  return draft;
}

void FillFromDirectory(const identity::Org* org, Time now, const std::string& owner,
                       std::string& team, std::string& region) {
  if (org == nullptr) {
    return;
  }
  if (team.empty() && !owner.empty()) {
    team = org->TeamOf(owner, now).value_or("");
  }
  std::set<std::string> seen;
  for (std::string at = team; region.empty() && !at.empty() && seen.insert(at).second;) {
    const auto state = org->teams.find(at);
    region = state == org->teams.end() ? "" : state->second.region();
    at = state == org->teams.end() ? "" : state->second.parent();
  }
}

void ToProto(const Pipeline& pipeline, const StoredOpportunity& from, v1::Opportunity* to) {
  const OpportunityData& data = from.data;
  const Opportunity opportunity(pipeline, data);
  to->Clear();
  to->set_name(OpportunityName(data.id));
  to->set_pipeline(PipelineName(data.pipeline));
  to->set_pipeline_version(data.pipeline_version);
  to->set_stage(data.stage);
  to->set_state(static_cast<v1::PipelineStage::Kind>(opportunity.kind()));
  *to->mutable_stage_time() = rpc::ToProto(data.stage_time);
  const Stage* stage = pipeline.Find(data.stage);
  to->set_win_basis_points(stage == nullptr ? 0 : stage->win_basis_points);
  to->set_customer(data.customer);
  to->set_lead(data.lead);
  to->set_campaign(data.campaign);
  to->set_owner(data.owner);
  to->set_team(data.team);
  to->set_region(data.region);
  if (data.amount) {
    rpc::ToProto(*data.amount, to->mutable_amount());
  }
  if (data.expected_close) {
    rpc::ToProto(*data.expected_close, to->mutable_expected_close());
  }
  for (const Proof& proof : data.proofs) {
    v1::Evidence& added = *to->add_evidence();
    added.set_code(proof.code);
    added.set_reference(proof.reference);
  }
  to->set_lost_reason(data.lost_reason);
  to->set_lost_note(from.lost_note);
  if (data.close_time) {
    *to->mutable_close_time() = rpc::ToProto(*data.close_time);
  }
  to->set_cycle(data.cycle);
  to->set_contract(data.contract);
  to->set_contract_state(data.contract_state);
  to->set_contract_cancel_reason(data.contract_cancel_reason);
  *to->mutable_occurred_at() = rpc::ToProto(data.occurred_at);
  *to->mutable_create_time() = rpc::ToProto(data.recorded_at);
  *to->mutable_update_time() = rpc::ToProto(data.update_time);
  to->set_etag(EtagOf(data.version));
  for (std::string& action : opportunity.Allowed()) {
    to->add_allowed(std::move(action));
  }
}

absl::StatusOr<OpportunityQuery> ParseOpportunityQuery(std::string_view filter,
                                                       std::string_view order_by) {
  OpportunityQuery query;
  ASSIGN_OR_RETURN(const std::vector<rpc::FilterTerm> terms,
                   rpc::ParseFilter(filter, FilterFields()));
  for (const rpc::FilterTerm& term : terms) {
    RETURN_IF_ERROR(ApplyTerm(term, query));
  }
  if (order_by.empty() || order_by == "create_time desc") {
    query.order = {false, false};
  } else if (order_by == "create_time") {
    query.order = {false, true};
  } else if (order_by == "update_time desc") {
    query.order = {true, false};
  } else if (order_by == "update_time") {
    query.order = {true, true};
  } else {
    return FieldInvalid(
        "order_by",
        "is not `create_time desc`, `create_time`, `update_time desc` or `update_time`");
  }
  return query;
}

}  // namespace steward::leads
