// stewardctl customers: every method of the leads service on customers.

#include <map>

#include "libs/base/status.h"
#include "steward/leads/v1/leads_service.pb.h"
#include "tools/stewardctl/command.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/import.h"
#include "tools/stewardctl/services.h"
#include "tools/stewardctl/session.h"

namespace stewardctl {
namespace {

namespace pb = steward::leads::v1;

Arg Customer(std::string field = "name") {
  return Positional("CUSTOMER", "`customers/{id}` or the id.")
      .Into(std::move(field))
      .In("customers");
}

std::vector<Arg> With(std::vector<Arg> args, std::vector<Arg> more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

// What a customer is made of, but for its name and tiers.
std::vector<Arg> Fields() {
  return {Option("name", "Name in English or Latin letters.").Into("customer.display_name"),
          Option("name-zh", "Name in Chinese.").Into("customer.display_name_zh"),
          Option("company", "Registered name of the company.").Into("customer.company_name"),
          Option("credit-code", "Unified social credit code.").Into("customer.credit_code"),
          Option("website", "Website.").Into("customer.website"),
          Option("industry", "Industry code.").Into("customer.industry"),
          Option("region", "Region code.").Into("customer.region"),
          Option("owner", "`members/{id}`.").Into("customer.owner").In("members"),
          Option("team", "`teams/{id}`.").Into("customer.team").In("teams"),
          Option("needs", "What the customer needs.").Into("customer.needs"),
          Option("preferences", "What the customer prefers.").Into("customer.preferences"),
          OptionList("contact",
                     "A person, `name=...;phone=...;email=...;title=...;role=...` (role: part in "
                     "decisions); replaces all.")
              .Into("-")};
}

// `name=Li;phone=138...` into a contact.
absl::Status ReadContact(const std::string& text, pb::Contact* contact) {
  static const auto& fields = *new std::map<std::string, std::string>{{"name", "name"},
                                                                      {"phone", "phone"},
                                                                      {"email", "email"},
                                                                      {"title", "title"},
                                                                      {"role", "decision_role"}};
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(';', at), text.size());
    const std::string part = text.substr(at, end - at);
    const size_t equals = part.find('=');
    const auto field = fields.find(part.substr(0, equals));
    if (equals == std::string::npos || field == fields.end()) {
      return steward::FieldInvalid("--contact", "`" + part +
                                                    "` is not one of name=, phone=, "
                                                    "email=, title= and role=, separated by `;`");
    }
    RETURN_IF_ERROR(SetField(field->second, part.substr(equals + 1), {}, contact));
    at = end + 1;
  }
  return absl::OkStatus();
}

absl::Status AddContacts(const Args& args, pb::Customer* customer) {
  for (const std::string& text : args.Texts("contact")) {
    RETURN_IF_ERROR(ReadContact(text, customer->add_contacts()));
  }
  return absl::OkStatus();
}

const std::vector<Arg>& CreateArgs() {
  static const auto& args = *new std::vector<Arg>(
      With(With({Option("id", "Its id (default: a UUID).").Into("customer_id")}, Fields()),
           {OptionList("tier", "Tier, `scheme:tier`; see `customers schemes`.")
                .Into("customer.tiers")}));
  return args;
}

const std::vector<Arg>& UpdateArgs() {
  static const auto& args = *new std::vector<Arg>(
      With(With({Customer("customer.name")}, Fields()),
           {OptionList("clear", "Field to empty.").Into("update_mask.paths"),
            Option("etag", "Refuse when the customer has changed since.").Into("customer.etag")}));
  return args;
}

absl::Status Create(Session& session, const Args& args) {
  pb::CreateCustomerRequest request;
  pb::Customer created;
  RETURN_IF_ERROR(FillRequest(CreateArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(AddContacts(args, request.mutable_customer()));
  RETURN_IF_ERROR(session.Call("leads.CreateCustomer", request, &created));
  session.Print(created);
  return absl::OkStatus();
}

absl::Status Update(Session& session, const Args& args) {
  pb::UpdateCustomerRequest request;
  pb::Customer changed;
  RETURN_IF_ERROR(FillRequest(UpdateArgs(), args, session.now(), &request));
  RETURN_IF_ERROR(AddContacts(args, request.mutable_customer()));
  if (args.Has("contact")) {
    request.mutable_update_mask()->add_paths("contacts");
  }
  RETURN_IF_ERROR(session.Call("leads.UpdateCustomer", request, &changed));
  session.Print(changed);
  return absl::OkStatus();
}

// What a change of a tier may say besides.
std::vector<Arg> TierChange(std::vector<Arg> args) {
  return With(
      std::move(args),
      {Option("effective-from", "Since when: a time, or -24h (default: now)."),
       Option("rule", "The rule that found it (default: by hand)."), Option("reason", "Why."),
       Option("etag", "Refuse when the customer has changed since.")});
}

void AddTiers(Tool& tool) {
  tool.Group("customers tier", "Tiers of a customer, one in each scheme.");
  tool.AddCall("customers tier set", "leads.SetCustomerTier",
               "Sets the customer's tier in one scheme.",
               "stewardctl customers tier set acme abc a\n"
               "stewardctl customers tier set acme key_account yes --effective-from "
               "2026-01-01T00:00:00+08:00 --rule annual-spend",
               TierChange({Customer(), Positional("SCHEME", "Scheme.").Into("scheme"),
                           Positional("TIER", "Tier of the scheme.").Into("tier")}));
  tool.AddCall("customers tier remove", "leads.RemoveCustomerTier",
               "Takes the customer's tier in one scheme away.",
               "stewardctl customers tier remove acme key_account",
               TierChange({Customer(), Positional("SCHEME", "Scheme.").Into("scheme")}));
  tool.AddCall("customers tier history", "leads.ListCustomerTierHistory",
               "Which tiers the customer had, newest first.",
               "stewardctl customers tier history acme --scheme abc",
               {Customer("parent"), Option("scheme", "Only this scheme.")});
}

}  // namespace

void AddCustomers(Tool& tool) {
  tool.Group("customers", "Customers: their file, tiers, likely duplicates, history.");
  tool.Add(
      {"customers create", "Adds a customer.",
       "stewardctl customers create --id acme --name Acme --company '极致科技有限公司' --region "
       "east --tier abc:b --contact 'name=王小姐;phone=13800138000;role=decision_maker'",
       CreateArgs(), Create});
  tool.Add(
      {"customers import",
       "Adds the rows of a file; rows at fault are reported by line, field and reason, and one "
       "whose `customer_id` is taken is left as it is.",
       "stewardctl customers import customers.csv\n"
       "stewardctl customers import customers.jsonl --from-line 501",
       ImportArgs("`customer_id,display_name,credit_code,industry,region`", {}), ImportCustomers});
  tool.AddCall("customers get", "leads.GetCustomer", "One customer.",
               "stewardctl customers get acme", {Customer()});
  tool.AddCall("customers list", "leads.ListCustomers", "Customers by filter, newest first.",
               "stewardctl customers list --filter 'tier = \"abc:a\" AND region = \"east\"'",
               {Option("filter",
                       "Terms joined by AND over industry region owner team tier create_time "
                       "update_time."),
                Option("order-by", "Order.")
                    .Of({"create_time desc", "create_time", "update_time desc", "update_time"})});
  tool.Add({"customers update", "Changes a customer: the fields that are given, lists whole.",
            "stewardctl customers update acme --owner agent-east-1\n"
            "stewardctl customers update acme --clear website",
            UpdateArgs(), Update});
  tool.AddCall("customers history", "leads.ListCustomerHistory",
               "Who changed what, when; personal values are not kept.",
               "stewardctl customers history acme", {Customer("parent")});
  tool.AddCall(
      "customers duplicates", "leads.FindDuplicateCustomers",
      "Customers that may be the same, likeliest first.",
      "stewardctl customers duplicates --customer acme\n"
      "stewardctl customers duplicates --phone 13800138000 --company 极致科技",
      {Option("customer", "One that is there, `customers/{id}`.").In("customers"),
       Option("phone", "Or one that is not: its phone number.").Into("draft.contacts.phone"),
       Option("email", "Its e-mail address.").Into("draft.contacts.email"),
       Option("credit-code", "Its unified social credit code.").Into("draft.credit_code"),
       Option("company", "Its company name.").Into("draft.company_name")});
  tool.AddCall("customers schemes", "leads.ListTierSchemes", "The schemes with their tiers.",
               "stewardctl customers schemes", {});
  AddTiers(tool);
}

}  // namespace stewardctl
