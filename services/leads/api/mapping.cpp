#include "services/leads/api/mapping.h"

#include <algorithm>
#include <set>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/contact/contact.h"
#include "libs/rpc/faults.h"
#include "libs/rpc/paging.h"
#include "libs/rpc/validate.h"

namespace steward::leads {
namespace {

constexpr std::string_view kCollection = "customers/";
constexpr size_t kNameLength = 200;
constexpr size_t kPersonLength = 100;
constexpr size_t kTextLength = 4000;
constexpr int kMaxContacts = 50;

Contact ReadContact(const Rules& rules, Use use, const pb::Contact& from, const std::string& path,
                    rpc::Faults& faults) {
  Contact to;
  to.name = faults.Line(path + "name", from.name(), kPersonLength);
  if (to.name.empty() && use == Use::kStore) {
    faults.Add(path + "name", "is required");
  }
  to.title = faults.Line(path + "title", from.title(), kPersonLength);
  to.decision_role = faults.Line(path + "decision_role", from.decision_role());
  to.phone = faults.Line(path + "phone", from.phone());
  if (!to.phone.empty()) {
    const std::optional<std::string> e164 = contact::NormalisePhone(to.phone, rules.phone_region);
    if (!e164) {
      faults.Add(path + "phone", "is no phone number of region " + rules.phone_region +
                                     "; begin with + and the country code for another one");
    }
    to.phone_e164 = e164.value_or("");
  }
  to.email = faults.Line(path + "email", from.email(), kNameLength);
  if (!to.email.empty() && !contact::NormaliseEmail(to.email)) {
    faults.Add(path + "email", "is no e-mail address");
  }
  return to;
}

bool IsWebsite(std::string_view text) {
  const size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  return scheme > 0 && text.size() > scheme && text.find(' ') == std::string_view::npos;
}

CustomerText ReadText(const Rules& rules, Use use, const pb::Customer& from, rpc::Faults& faults) {
  CustomerText to;
  to.display_name = faults.Line("display_name", from.display_name(), kNameLength);
  to.display_name_zh = faults.Line("display_name_zh", from.display_name_zh(), kNameLength);
  if (to.display_name.empty() && to.display_name_zh.empty() && use == Use::kStore) {
    faults.Add("display_name", "or `display_name_zh` is required");
  }
  to.company_name = faults.Line("company_name", from.company_name(), kNameLength);
  if (!from.credit_code().empty()) {
    const std::optional<std::string> code = contact::NormaliseCreditCode(from.credit_code());
    if (!code) {
      faults.Add("credit_code",
                 "is no unified social credit code: 18 characters with their check digit");
    }
    to.credit_code = code.value_or("");
  }
  to.website = faults.Line("website", from.website(), kNameLength);
  if (!to.website.empty() && !IsWebsite(to.website)) {
    faults.Add("website", "begins with http:// or https:// and has no blanks");
  }
  to.needs = faults.Text("needs", from.needs(), kTextLength);
  to.preferences = faults.Text("preferences", from.preferences(), kTextLength);
  if (from.contacts_size() > kMaxContacts) {
    faults.Add("contacts", "are more than " + std::to_string(kMaxContacts));
    return to;
  }
  for (int i = 0; i < from.contacts_size(); ++i) {
    to.contacts.push_back(
        ReadContact(rules, use, from.contacts(i), "contacts[" + std::to_string(i) + "].", faults));
  }
  return to;
}

void ApplyTextTerm(const rpc::FilterTerm& term, ListQuery& query) {
  if (term.op == "!=") {
    query.filter.not_equal[term.field].push_back(term.value);
    return;
  }
  const auto [known, added] = query.filter.equal.emplace(term.field, term.value);
  query.nothing = query.nothing || (!added && known->second != term.value);
}

absl::Status ApplyTerm(const rpc::FilterTerm& term, ListQuery& query) {
  CustomerFilter& filter = query.filter;
  if (term.field == "create_time") {
    return rpc::NarrowTime(term, filter.created_from, filter.created_to);
  }
  if (term.field == "update_time") {
    return rpc::NarrowTime(term, filter.updated_from, filter.updated_to);
  }
  if (term.field == "tier") {
    (term.op == "=" ? filter.tiers : filter.not_tiers).push_back(term.value);
  } else {
    ApplyTextTerm(term, query);
  }
  return absl::OkStatus();
}

const std::map<std::string, std::string>& FilterFields() {
  static const std::map<std::string, std::string> fields = [] {
    std::map<std::string, std::string> made{
        {"tier", "= !="}, {"create_time", "< <= > >="}, {"update_time", "< <= > >="}};
    for (const std::string_view column : kFilterColumns) {
      made.emplace(column, "= !=");
    }
    return made;
  }();
  return fields;
}

}  // namespace

absl::StatusOr<std::string> ParseCustomerName(std::string_view field, std::string_view name) {
  RETURN_IF_ERROR(CheckName(field, "customers", name));
  return std::string(name.substr(kCollection.size()));
}

std::optional<Time> OptionalTime(bool given, const google::protobuf::Timestamp& time) {
  return given ? std::optional(rpc::FromProto(time)) : std::nullopt;
}

std::string EtagOf(int64_t version) { return "\"" + std::to_string(version) + "\""; }

absl::Status CheckRule(std::string_view rule) {
  if (rule.find_first_of("\r\n\t") != std::string_view::npos) {
    return FieldInvalid("rule", "is a code: no line breaks or tabs");
  }
  return CheckText("rule", rule, rpc::Faults::kCodeLength);
}

absl::Status CheckReason(std::string_view reason) {
  return CheckText("reason", reason, kTextLength);
}

absl::StatusOr<StoredCustomer> FromProto(const Rules& rules, const pb::Customer& from,
                                         std::string_view path, Use use) {
  rpc::Faults faults(path);
  StoredCustomer to;
  to.text = ReadText(rules, use, from, faults);
  CustomerFacts& facts = to.data.facts;
  facts.industry = faults.Line("industry", from.industry());
  facts.region = faults.Line("region", from.region());
  facts.owner = faults.Name("owner", "members", from.owner());
  facts.team = faults.Name("team", "teams", from.team());
  RETURN_IF_ERROR(faults.status());
  return to;
}

absl::StatusOr<TierSet> NewTiers(const Rules& rules, const pb::Customer& from,
                                 std::string_view path) {
  const std::string field = std::string(path) + ".tiers";
  ASSIGN_OR_RETURN(TierSet tiers, TiersOf(field, {from.tiers().begin(), from.tiers().end()}));
  for (const auto& [scheme, tier] : tiers) {
    RETURN_IF_ERROR(rules.schemes->CheckTier(field, field, scheme, tier));
  }
  return tiers;
}

std::vector<MatchKey> KeysOf(const CustomerText& text) {
  std::set<MatchKey> keys;
  const auto add = [&keys](MatchKind kind, const std::string& value) {
    if (!value.empty()) {
      keys.insert({kind, value});
    }
  };
  add(MatchKind::kCreditCode, text.credit_code);
  if (!text.company_name.empty()) {
    add(MatchKind::kCompanyName, contact::NormaliseCompanyName(text.company_name));
  } else {
    add(MatchKind::kCompanyName, contact::NormaliseCompanyName(text.display_name));
    add(MatchKind::kCompanyName, contact::NormaliseCompanyName(text.display_name_zh));
  }
  for (const Contact& each : text.contacts) {
    add(MatchKind::kPhone, each.phone_e164);
    add(MatchKind::kEmail, contact::NormaliseEmail(each.email).value_or(""));
  }
  return {keys.begin(), keys.end()};
}

std::vector<TierChange> FirstTiers(const CustomerData& data) {
  std::vector<TierChange> changes;
  for (const auto& [scheme, tier] : data.tiers) {
    TierChange change;
    change.version = data.version;
    change.scheme = scheme;
    change.tier = tier;
    change.effective_from = data.create_time;
    change.set_by = data.registered_by;
    change.recorded_at = data.create_time;
    changes.push_back(std::move(change));
  }
  return changes;
}

void ToProto(const StoredCustomer& from, pb::Customer* to) {
  const CustomerData& data = from.data;
  const CustomerText& text = from.text;
  to->Clear();
  to->set_name(CustomerName(data.id));
  to->set_display_name(text.display_name);
  to->set_display_name_zh(text.display_name_zh);
  to->set_company_name(text.company_name);
  to->set_credit_code(text.credit_code);
  to->set_website(text.website);
  to->set_industry(data.facts.industry);
  to->set_region(data.facts.region);
  to->set_owner(data.facts.owner);
  to->set_team(data.facts.team);
  to->set_needs(text.needs);
  to->set_preferences(text.preferences);
  for (const Contact& contact : text.contacts) {
    pb::Contact& added = *to->add_contacts();
    added.set_name(contact.name);
    added.set_title(contact.title);
    added.set_decision_role(contact.decision_role);
    added.set_phone(contact.phone);
    added.set_phone_e164(contact.phone_e164);
    added.set_email(contact.email);
  }
  for (std::string& tier : ToTexts(data.tiers)) {
    to->add_tiers(std::move(tier));
  }
  *to->mutable_create_time() = rpc::ToProto(data.create_time);
  *to->mutable_update_time() = rpc::ToProto(data.update_time);
  to->set_etag(EtagOf(data.version));
}

void ToProto(const TierChange& from, pb::CustomerTierChange* to) {
  to->set_scheme(from.scheme);
  to->set_from_tier(from.from_tier);
  to->set_tier(from.tier);
  *to->mutable_effective_from() = rpc::ToProto(from.effective_from);
  if (from.effective_to) {
    *to->mutable_effective_to() = rpc::ToProto(*from.effective_to);
  }
  to->set_set_by(from.set_by);
  to->set_rule(from.rule);
  to->set_reason(from.reason);
  *to->mutable_recorded_at() = rpc::ToProto(from.recorded_at);
  to->set_version(from.version);
}

void ToProto(const TierScheme& from, pb::TierScheme* to) {
  to->set_id(from.id);
  to->mutable_display_names()->insert(from.display_names.begin(), from.display_names.end());
  for (const Tier& tier : from.tiers) {
    pb::Tier& added = *to->add_tiers();
    added.set_id(tier.id);
    added.mutable_display_names()->insert(tier.display_names.begin(), tier.display_names.end());
  }
  to->set_source(from.source);
}

absl::StatusOr<ListQuery> ParseListQuery(std::string_view filter, std::string_view order_by) {
  ListQuery query;
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
