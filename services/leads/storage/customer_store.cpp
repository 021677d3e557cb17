#include "services/leads/storage/customer_store.h"

#include "libs/base/status.h"
#include "libs/service/list_sql.h"

namespace steward::leads {
namespace {

#define CUSTOMER_COLUMNS                                                                  \
  "c.id, c.version, c.industry, c.region, c.owner, c.team, c.tiers, c.registered_by, "    \
  "c.create_time, c.update_time, x.display_name, x.display_name_zh, x.company_name, "     \
  "x.credit_code, x.website, x.needs, x.preferences, x.contact_names, x.contact_titles, " \
  "x.contact_roles, x.contact_phones, x.contact_phones_e164, x.contact_emails"
#define CUSTOMER_TABLES " FROM customer c JOIN customer_text x ON x.customer = c.id "
// Parameters 1 to 3 of every statement that loads for a caller.
#define WITHIN_REACH                                                      \
  "($1::boolean OR c.owner = ANY($2::text[]) OR c.team = ANY($3::text[])" \
  " OR (c.owner = '' AND c.registered_by = ANY($2::text[])))"

constexpr pg::Statement kLoad{"customer_load", "SELECT " CUSTOMER_COLUMNS CUSTOMER_TABLES
                                               "WHERE c.id = $4::text AND " WITHIN_REACH};
constexpr pg::Statement kLoadMany{"customer_load_many",
                                  "SELECT " CUSTOMER_COLUMNS CUSTOMER_TABLES
                                  "WHERE c.id = ANY($4::text[]) AND " WITHIN_REACH};
constexpr pg::Statement kTaken{"customer_taken",
                               "SELECT id FROM customer WHERE id = ANY($1::text[]) ORDER BY id"};
constexpr pg::Statement kInsert{
    "customer_insert",
    "INSERT INTO customer (id, version, industry, region, owner, team, tiers, update_time, "
    "registered_by, create_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
constexpr pg::Statement kUpdate{
    "customer_update",
    "UPDATE customer SET version = $2, industry = $3, region = $4, owner = $5, team = $6, "
    "tiers = $7, update_time = $8 WHERE id = $1"};
constexpr pg::Statement kPutText{
    "customer_text_put",
    "INSERT INTO customer_text (customer, display_name, display_name_zh, company_name, "
    "credit_code, website, needs, preferences, contact_names, contact_titles, contact_roles, "
    "contact_phones, contact_phones_e164, contact_emails) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
    "ON CONFLICT (customer) DO UPDATE SET (display_name, display_name_zh, company_name, "
    "credit_code, website, needs, preferences, contact_names, contact_titles, contact_roles, "
    "contact_phones, contact_phones_e164, contact_emails) = (EXCLUDED.display_name, "
    "EXCLUDED.display_name_zh, EXCLUDED.company_name, EXCLUDED.credit_code, EXCLUDED.website, "
    "EXCLUDED.needs, EXCLUDED.preferences, EXCLUDED.contact_names, EXCLUDED.contact_titles, "
    "EXCLUDED.contact_roles, EXCLUDED.contact_phones, EXCLUDED.contact_phones_e164, "
    "EXCLUDED.contact_emails)"};
constexpr pg::Statement kDeleteKeys{"customer_keys_delete",
                                    "DELETE FROM customer_key WHERE customer = $1::text"};
constexpr pg::Statement kInsertKeys{
    "customer_keys_insert",
    "INSERT INTO customer_key (kind, value, customer) "
    "SELECT kind, value, $3::text FROM unnest($1::smallint[], $2::text[]) AS k (kind, value)"};
constexpr pg::Statement kKeys{"customer_keys",
                              "SELECT kind, value FROM customer_key WHERE customer = $1::text"};
constexpr pg::Statement kHolders{
    "customer_key_holders",
    "SELECT k.kind, k.value, h.id FROM unnest($4::smallint[], $5::text[]) AS k (kind, value), "
    "LATERAL (SELECT c.id FROM customer_key o JOIN customer c ON c.id = o.customer "
    "WHERE o.kind = k.kind AND o.value = k.value AND " WITHIN_REACH
    " ORDER BY c.id LIMIT $6::bigint) h"};

// What a command may change: parameters 1 to 8 of insert and update.
pg::Params MutableParams(const CustomerData& c) {
  pg::Params params;
  params.Add(c.id).Add(c.version).Add(c.facts.industry).Add(c.facts.region);
  params.Add(c.facts.owner).Add(c.facts.team).AddTexts(ToTexts(c.tiers)).Add(c.update_time);
  return params;
}

// Kinds and values of keys: two parameters.
void AddKeys(const std::vector<MatchKey>& keys, pg::Params& params) {
  std::vector<int16_t> kinds;
  std::vector<std::string> values;
  for (const MatchKey& key : keys) {
    kinds.push_back(static_cast<int16_t>(key.kind));
    values.push_back(key.value);
  }
  params.AddInt16s(kinds).AddTexts(values);
}

void QueueText(pg::Tx& tx, const std::string& id, const CustomerText& text) {
  std::vector<std::string> columns[6];
  for (const Contact& contact : text.contacts) {
    columns[0].push_back(contact.name);
    columns[1].push_back(contact.title);
    columns[2].push_back(contact.decision_role);
    columns[3].push_back(contact.phone);
    columns[4].push_back(contact.phone_e164);
    columns[5].push_back(contact.email);
  }
  pg::Params params;
  params.Add(id).Add(text.display_name).Add(text.display_name_zh).Add(text.company_name);
  params.Add(text.credit_code).Add(text.website).Add(text.needs).Add(text.preferences);
  for (const std::vector<std::string>& column : columns) {
    params.AddTexts(column);
  }
  tx.Queue(kPutText, params);
}

void QueueKeys(pg::Tx& tx, const std::string& id, const std::vector<MatchKey>& keys) {
  if (!keys.empty()) {
    pg::Params params;
    AddKeys(keys, params);
    tx.Queue(kInsertKeys, params.Add(id));
  }
}

std::vector<Contact> ReadContacts(const pg::Result& result, int row, int column) {
  std::vector<std::string> columns[6];
  for (std::vector<std::string>& each : columns) {
    each = result.Texts(row, column++);
  }
  std::vector<Contact> contacts;
  for (size_t i = 0; i < columns[0].size(); ++i) {
    contacts.push_back(
        {columns[0][i], columns[1][i], columns[2][i], columns[3][i], columns[4][i], columns[5][i]});
  }
  return contacts;
}

std::string ListText(bool by_update_time, bool ascending) {
  service::ListSql sql("SELECT " CUSTOMER_COLUMNS CUSTOMER_TABLES "WHERE " WITHIN_REACH);
  sql.OneOf("c.", kFilterColumns)
      .Where("c.tiers", "@>", "text[]")
      .WhereNot("c.tiers", "&&", "text[]");
  sql.Between("c.create_time").Between("c.update_time");
  return sql.OrderBy(by_update_time ? "c.update_time" : "c.create_time", "c.id", "text", ascending);
}

}  // namespace

pg::Pending QueueLoad(pg::Tx& tx, const std::string& id, const rpc::Reach& reach) {
  return tx.Queue(kLoad, service::ReachParams(reach).Add(id));
}

StoredCustomer ReadCustomer(const pg::Result& result, int row) {
  StoredCustomer stored;
  CustomerData& data = stored.data;
  CustomerText& text = stored.text;
  int column = 0;
  data.id = result.Text(row, column++);
  data.version = result.Int(row, column++);
  for (std::string* each :
       {&data.facts.industry, &data.facts.region, &data.facts.owner, &data.facts.team}) {
    *each = result.Text(row, column++);
  }
  for (const std::string& tier : result.Texts(row, column++)) {
    const size_t colon = tier.find(':');
    data.tiers.emplace(tier.substr(0, colon), tier.substr(colon + 1));
  }
  data.registered_by = result.Text(row, column++);
  data.create_time = result.Timestamp(row, column++);
  data.update_time = result.Timestamp(row, column++);
  for (std::string* each : {&text.display_name, &text.display_name_zh, &text.company_name,
                            &text.credit_code, &text.website, &text.needs, &text.preferences}) {
    *each = result.Text(row, column++);
  }
  text.contacts = ReadContacts(result, row, column);
  return stored;
}

pg::Pending QueueTaken(pg::Tx& tx, const std::vector<std::string>& ids) {
  return tx.Queue(kTaken, pg::Params().AddTexts(ids));
}

void QueueInsert(pg::Tx& tx, const StoredCustomer& customer, const std::vector<MatchKey>& keys) {
  const CustomerData& data = customer.data;
  tx.Queue(kInsert, MutableParams(data).Add(data.registered_by).Add(data.create_time));
  QueueText(tx, data.id, customer.text);
  QueueKeys(tx, data.id, keys);
}

void QueueUpdate(pg::Tx& tx, const CustomerData& customer) {
  tx.Queue(kUpdate, MutableParams(customer));
}

void QueueUpdateText(pg::Tx& tx, const std::string& id, const CustomerText& text,
                     const std::vector<MatchKey>& keys) {
  QueueText(tx, id, text);
  tx.Queue(kDeleteKeys, pg::Params().Add(id));
  QueueKeys(tx, id, keys);
}

absl::StatusOr<std::optional<StoredCustomer>> GetCustomer(pg::Connection& db, const std::string& id,
                                                          const rpc::Reach& reach,
                                                          Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoad, service::ReachParams(reach).Add(id), timeout));
  return result.rows() == 0 ? std::nullopt : std::optional(ReadCustomer(result, 0));
}

absl::StatusOr<std::vector<StoredCustomer>> GetCustomers(pg::Connection& db,
                                                         const std::vector<std::string>& ids,
                                                         const rpc::Reach& reach,
                                                         Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result,
                   db.Run(kLoadMany, service::ReachParams(reach).AddTexts(ids), timeout));
  return service::ReadRows(result, ReadCustomer);
}

absl::StatusOr<std::vector<StoredCustomer>> ListCustomers(
    pg::Connection& db, const CustomerFilter& filter, CustomerOrder order,
    const std::optional<CustomerCursor>& after, const rpc::Reach& reach, int limit,
    Duration timeout) {
  static const service::ListStatements list("customer_list_created", "customer_list_updated",
                                            ListText);
  pg::Params params = service::ReachParams(reach);
  service::AddOneOf(params, kFilterColumns, filter.equal, filter.not_equal);
  filter.tiers.empty() ? params.AddNull() : params.AddTexts(filter.tiers);
  params.AddTexts(filter.not_tiers);
  params.Add(filter.created_from).Add(filter.created_to);
  params.Add(filter.updated_from).Add(filter.updated_to);
  service::AddPlace(params, after, limit);
  ASSIGN_OR_RETURN(
      const pg::Result rows,
      service::ReadPlanned(db, list.Of(order.by_update_time, order.ascending), params, timeout));
  return service::ReadRows(rows, ReadCustomer);
}

absl::StatusOr<std::vector<KeyHolder>> FindHolders(pg::Connection& db,
                                                   const std::vector<MatchKey>& keys,
                                                   const rpc::Reach& reach, Duration timeout) {
  pg::Params params = service::ReachParams(reach);
  AddKeys(keys, params);
  params.Add(static_cast<int64_t>(kMaxHolders + 2));
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kHolders, params, timeout));
  std::vector<KeyHolder> holders;
  for (int row = 0; row < result.rows(); ++row) {
    holders.push_back(
        {{static_cast<MatchKind>(result.Int(row, 0)), result.Text(row, 1)}, result.Text(row, 2)});
  }
  return holders;
}

absl::StatusOr<std::vector<MatchKey>> GetKeys(pg::Connection& db, const std::string& id,
                                              Duration timeout) {
  ASSIGN_OR_RETURN(const pg::Result result, db.Run(kKeys, pg::Params().Add(id), timeout));
  std::vector<MatchKey> keys;
  for (int row = 0; row < result.rows(); ++row) {
    keys.push_back({static_cast<MatchKind>(result.Int(row, 0)), result.Text(row, 1)});
  }
  return keys;
}

}  // namespace steward::leads
