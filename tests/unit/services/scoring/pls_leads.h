#pragma once
// The leads and the model of tests/vectors/pls_vectors.json.

#include <cmath>
#include <map>
#include <optional>
#include <string>

#include "services/scoring/domain/pls_compat.h"
#include "tests/unit/services/scoring/vectors.h"

namespace steward::scoring::testing {

using nlohmann::json;
using Status = PlsStatus;

inline const json& File() {
  static const json vectors = LoadVectors("pls_vectors.json");
  return vectors;
}
inline double Tolerance() { return File()["meta"]["tolerance"].get<double>() + 1e-9; }

inline std::optional<std::string> Text(const json& value) {
  if (value.is_null()) {
    return std::nullopt;
  }
  return value.is_string() ? value.get<std::string>() : value.dump();
}
inline int64_t Tenths(const json& count) { return std::llround(count.get<double>() * 10); }

inline PlsModel Model(const json& fields) {
  PlsModel::Config config;
  for (const json& stage : File()["stages"]) {
    config.stages.push_back({*Text(stage["id"]), stage["sequence"], stage["is_won"]});
  }
  for (const json& field : fields) {
    config.fields.push_back(field);
  }
  config.null_counts = {"email_state", "phone_state"};
  return PlsModel(config);
}

struct Lead {
  PlsLead data;
  Status status = Status::kOpen;
};
inline Lead LeadOf(const json& row) {
  Lead lead;
  lead.data.team = Text(row["team"]);
  lead.data.stage = Text(row["stage_id"]);
  for (const char* field : {"country_id", "state_id", "email_state", "phone_state", "source_id"}) {
    lead.data.fields[field] = Text(row[field]);
  }
  const std::string status = row["status"];
  lead.status = status == "won" ? Status::kWon : status == "lost" ? Status::kLost : Status::kOpen;
  return lead;
}
using Leads = std::map<int, Lead>;

inline void Rebuild(PlsModel& model, const Leads& leads) {
  std::vector<std::pair<PlsLead, Status>> all;
  for (const auto& [id, lead] : leads) {
    all.emplace_back(lead.data, lead.status);
  }
  model.Rebuild(all);
}

// The leads as created, those of case A closed.
inline Leads CaseA() {
  Leads leads;
  for (const json& row : File()["leads_as_created"]) {
    leads[row["lead"]] = LeadOf(row);
  }
  const json& closed = File()["case_A_full_rebuild"]["closed"];
  for (const json& id : closed["lost"]) {
    leads.at(id).status = Status::kLost;
  }
  for (const json& id : closed["won"]) {
    leads.at(id).status = Status::kWon;
  }
  return leads;
}
// The same after A2, where B and C go on.
inline Leads CaseA2() {
  Leads leads = CaseA();
  for (int id = 10; id <= 13; ++id) {
    leads.at(id).data.team.reset();
  }
  return leads;
}
inline const json& Fields() { return File()["case_A_full_rebuild"]["fields"]; }

}  // namespace steward::scoring::testing
