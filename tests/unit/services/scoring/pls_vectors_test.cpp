// Every case of tests/vectors/pls_vectors.json, in the compatibility mode.

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/services/scoring/pls_leads.h"

namespace steward::scoring::testing {
namespace {

void ExpectScore(const PlsModel& model, const Lead& lead, double expected) {
  const std::optional<double> score = model.Score(lead.data, lead.status);
  ASSERT_TRUE(score);
  EXPECT_NEAR(*score, expected, Tolerance());
}

void ExpectRows(const PlsModel& model, const char* team, const json& table) {
  for (const json& row : table) {
    EXPECT_EQ(model.Find(team, row["variable"], row["value"]),
              (PlsRow{Tenths(row["won"]), Tenths(row["lost"])}))
        << row.dump();
  }
}

// The factors of a trace, as the rows of one team or of all together.
void ExpectFactors(const PlsModel& model, const Lead& lead, const json& trace) {
  ExpectScore(model, lead, trace["p_percent"]);
  EXPECT_NEAR(trace["score_won"].get<double>() /
                  (trace["score_won"].get<double>() + trace["score_lost"].get<double>()) * 100,
              *model.Score(lead.data, lead.status), 0.005);
  for (const json& factor : trace["factors"]) {
    const std::string name = factor["field"];
    const std::string variable = name.substr(0, name.find('='));
    const std::string value = name.substr(name.find('=') + 1);
    PlsRow sum;
    for (const char* team : {"1", "2", "3"}) {
      const bool own = lead.data.team == team || !lead.data.team;
      const auto row = own ? model.Find(team, variable, value) : std::nullopt;
      sum.won += row ? row->won : 0;
      sum.lost += row ? row->lost : 0;
    }
    if (const auto row = lead.data.team ? std::nullopt : model.Find({}, variable, value)) {
      sum.won += row->won;
      sum.lost += row->lost;
    }
    EXPECT_EQ(sum.won, std::llround(std::stod(factor["won"].get<std::string>()) * 10)) << name;
    EXPECT_EQ(sum.lost, std::llround(std::stod(factor["lost"].get<std::string>()) * 10)) << name;
  }
}

TEST(PlsVectors, CaseARebuild) {
  const json& section = File()["case_A_full_rebuild"];
  const Leads leads = CaseA();
  PlsModel model = Model(Fields());
  Rebuild(model, leads);
  EXPECT_EQ(section["expected_percent"].size(), 3u);
  for (const auto& [id, expected] : section["expected_percent"].items()) {
    SCOPED_TRACE(id);
    ExpectScore(model, leads.at(std::stoi(id)), expected);
    ExpectFactors(model, leads.at(std::stoi(id)), section["trace_lead_" + id]);
  }
  EXPECT_EQ(section["frequency_table_team_1"].size() + section["frequency_table_team_2"].size(),
            26u);
  ExpectRows(model, "1", section["frequency_table_team_1"]);
  ExpectRows(model, "2", section["frequency_table_team_2"]);
}

TEST(PlsVectors, CaseA2WithoutTeamAllRowsCount) {
  const json& section = File()["case_A2_no_team_uses_pooled_rows"];
  const Leads leads = CaseA2();
  PlsModel model = Model(Fields());
  Rebuild(model, leads);
  for (const auto& [id, expected] : section["expected_percent"].items()) {
    ExpectScore(model, leads.at(std::stoi(id)), expected);
  }
  ExpectFactors(model, leads.at(13), section["trace_lead_13"]);
}

// Case B: what each event does; an event that is not here fails.
class Live {
 public:
  Live() : model(Model(Fields())), leads(CaseA2()) { Rebuild(model, leads); }

  void Close(int id, Status status) {
    model.Change(leads.at(id).data, leads.at(id).status, -1);
    leads.at(id).status = status;
    model.Change(leads.at(id).data, status, 1);
  }
  void Do(const std::string& event) {
    const std::map<std::string, std::function<void()>> steps = {
        {"after rebuild", [] {}},
        {"lead 4 lost, lead 9 won",
         [this] {
           Close(4, Status::kLost);
           Close(9, Status::kWon);
           leads.at(9).data.stage = "4";
         }},
        {"lead 4 restored from lost", [this] { Close(4, Status::kOpen); }},
        {"lead 4 moved to the won stage",
         [this] {
           leads.at(4).data.stage = "4";
           Close(4, Status::kWon);
         }},
        {"lead 4 archived while won (no change expected)", [this] { Close(4, Status::kWon); }},
        {"lead 4 moved back to stage 1 (still archived, probability not 0)",
         [this] {
           Close(4, Status::kOpen);
           leads.at(4).data.stage = "1";
         }},
        {"lead 4 probability forced to 0 while archived => lost",
         [this] { Close(4, Status::kLost); }},
        {"lead 4 restored", [this] { Close(4, Status::kOpen); }},
    };
    steps.at(event)();
  }

  PlsModel model;
  Leads leads;
};

void ExpectLiveRows(const PlsModel& model, const char* team, const json& rows) {
  const std::map<std::string, std::pair<const char*, const char*>> keys = {
      {"stage_1", {"stage_id", "1"}},
      {"won_stage", {"stage_id", "4"}},
      {"country_2", {"country_id", "2"}},
      {"email_missing", {"email_state", "False"}},
  };
  for (const auto& [name, expected] : rows.items()) {
    const auto found = model.Find(team, keys.at(name).first, keys.at(name).second);
    const auto wanted = expected.is_null()
                            ? std::nullopt
                            : std::optional(PlsRow{Tenths(expected[0]), Tenths(expected[1])});
    EXPECT_EQ(found, wanted) << "team " << team << " " << name;
  }
}

TEST(PlsVectors, CaseBLiveCounts) {
  const json& section = File()["case_B_live_increment"];
  Live live;
  EXPECT_EQ(section["sequence"].size(), 8u);
  for (const json& step : section["sequence"]) {
    SCOPED_TRACE(step["event"].get<std::string>());
    live.Do(step["event"]);
    ExpectLiveRows(live.model, "1", step["team1_rows"]);
    ExpectLiveRows(live.model, "2", step["team2_rows"]);
  }
}

// What is stored grows old until somebody scores again; that is theirs. Ours marks open leads with each outcome.
TEST(PlsVectors, CaseBStaleScores) {
  const json& stale = File()["case_B_live_increment"]["stale_scores_after_event_2"];
  Live live;
  ExpectScore(live.model, live.leads.at(3), stale["lead_3"]["stored"]);
  ExpectScore(live.model, live.leads.at(8), stale["lead_8"]["stored"]);
  live.Do("lead 4 lost, lead 9 won");
  ExpectScore(live.model, live.leads.at(3), stale["lead_3"]["recomputed_now"]);
  ExpectScore(live.model, live.leads.at(8), stale["lead_8"]["recomputed_now"]);
}

TEST(PlsVectors, CaseCEdits) {
  const json& section = File()["case_C_edit_open_lead"];
  Live live;
  for (const json& step : File()["case_B_live_increment"]["sequence"]) {
    live.Do(step["event"]);
  }
  const std::map<std::string, std::function<int()>> edits = {
      {"lead 3 -> stage 1",
       [&] {
         live.leads.at(3).data.stage = "1";
         return 3;
       }},
      {"lead 8 -> stage 1",
       [&] {
         live.leads.at(8).data.stage = "1";
         return 8;
       }},
      {"lead 8 country -> 2",
       [&] {
         live.leads.at(8).data.fields["country_id"] = "2";
         return 8;
       }},
      {"lead 8 country -> 1",
       [&] {
         live.leads.at(8).data.fields["country_id"] = "1";
         return 8;
       }},
  };
  EXPECT_EQ(section["steps"].size(), edits.size());
  for (const json& step : section["steps"]) {
    SCOPED_TRACE(step["change"].get<std::string>());
    const int id = edits.at(step["change"])();
    ExpectScore(live.model, live.leads.at(id), step["expected"]);
  }
  const json& manual = section["manual_override"];
  const Lead& lead = live.leads.at(3);
  PlsProbability probability(*live.model.Score(lead.data, lead.status));
  EXPECT_TRUE(probability.automatic());
  probability.SetByHand(manual["set lead 3 probability"]);
  probability.Rescore(*live.model.Score(lead.data, lead.status));
  EXPECT_NEAR(probability.reckoned(), manual["then automated_probability"].get<double>(),
              Tolerance());
  EXPECT_EQ(probability.shown(), manual["probability stays"].get<double>());
  EXPECT_EQ(probability.automatic(), manual["is_automated"].get<bool>());
}

TEST(PlsVectors, CaseERefit) {
  const json& section = File()["case_E_refit_after_field_change"];
  Leads leads;
  for (const json& row : section["leads_state"]) {
    leads[row["lead"]] = LeadOf(row);
  }
  PlsModel model = Model(Fields());
  Rebuild(model, leads);
  for (const auto& [id, expected] : section["expected_percent"].items()) {
    ExpectScore(model, leads.at(std::stoi(id)), expected);
  }
  PlsModel stages = Model(json::array());
  Rebuild(stages, leads);
  for (const auto& [id, expected] : section["with_no_configured_fields_only_stage"].items()) {
    ExpectScore(stages, leads.at(std::stoi(id)), expected);
  }
}

TEST(PlsVectors, CaseGClamp) {
  const json& section = File()["case_G_clamp"];
  Lead open;
  open.data.stage = "1";
  open.data.fields["country_id"] = "1";
  open.data.tags = {"tag"};
  Lead lost = open;
  lost.status = Status::kLost;
  Lead won = open;
  won.status = Status::kWon;
  EXPECT_EQ(section["rows_overwritten"].size(), 2u);
  for (const json& row : section["rows_overwritten"]) {
    PlsModel model = Model({"country_id"});
    model.Rebuild({{open.data, open.status}, {lost.data, lost.status}, {won.data, won.status}});
    const PlsRow counts{Tenths(row["won"]), Tenths(row["lost"])};
    model.Overwrite({}, "stage_id", "1", counts);
    model.Overwrite({}, "tag_id", "tag", counts);
    ExpectScore(model, open, row["expected_open"]);
    ExpectScore(model, lost, section["expected_lost_lead"]);
    ExpectScore(model, won, section["expected_won_lead"]);
  }
}

Lead WithSource(const char* source, Status status) {
  Lead lead;
  lead.data.team = "1";
  lead.data.stage = "1";
  lead.data.fields["source_id"] = source;
  lead.status = status;
  return lead;
}

TEST(PlsVectors, WeaknessOneObservationDecides) {
  const json& section = File()["derived_weaknesses"]["one_observation"];
  std::vector<std::pair<PlsLead, Status>> closed;
  for (int i = 0; i < 20; ++i) {
    const Lead lead = WithSource(i % 2 == 0 ? "1" : "2", i < 10 ? Status::kWon : Status::kLost);
    closed.emplace_back(lead.data, lead.status);
  }
  const auto score = [&](const char* source) {
    PlsModel model = Model({"source_id"});
    model.Rebuild(closed);
    return *model.Score(WithSource(source, Status::kOpen).data, Status::kOpen);
  };
  EXPECT_NEAR(score("1"), section["known_source"].get<double>(), Tolerance());
  EXPECT_NEAR(score("3"), section["unseen_source"].get<double>(), Tolerance());
  for (const Status status : {Status::kLost, Status::kWon}) {
    closed.emplace_back(WithSource("3", status).data, status);
    EXPECT_NEAR(
        score("3"),
        section[status == Status::kLost ? "source_seen_once_and_lost" : "source_seen_once_and_won"],
        Tolerance());
    closed.pop_back();
  }
}

TEST(PlsVectors, WeaknessCopiesCountAgain) {
  const json& results = File()["derived_weaknesses"]["duplicated_feature"]["results"];
  EXPECT_EQ(results.size(), 3u);
  for (const json& result : results) {
    json fields;
    for (int i = 0; i < result["identical_copies_of_one_field"]; ++i) {
      fields.push_back("copy_" + std::to_string(i));
    }
    const auto lead = [&](const char* value) {
      PlsLead made{"1", "1", {}, {}};
      for (const json& field : fields) {
        made.fields[field] = value;
      }
      return made;
    };
    PlsModel model = Model(fields);
    std::vector<std::pair<PlsLead, Status>> closed;
    for (int i = 0; i < 10; ++i) {
      closed.emplace_back(lead(i < 8 ? "1" : "2"), Status::kWon);
      closed.emplace_back(lead(i < 2 ? "1" : "2"), Status::kLost);
    }
    model.Rebuild(closed);
    EXPECT_NEAR(*model.Score(lead("1"), Status::kOpen), result["percent"].get<double>(),
                Tolerance());
  }
}

// `order_dependent_prior` is a defect told in words; here a scope without counts gives no score, whoever was scored before.
TEST(PlsVectors, WeaknessOrderOfABatch) {
  EXPECT_TRUE(File()["derived_weaknesses"]["order_dependent_prior"]["by_reading"].get<bool>());
  PlsModel model = Model(Fields());
  const Leads leads = CaseA();
  EXPECT_FALSE(model.Score(leads.at(3).data, Status::kOpen));
  EXPECT_FALSE(model.Score(leads.at(4).data, Status::kOpen));
  PlsLead nowhere = leads.at(3).data;
  nowhere.stage.reset();
  EXPECT_EQ(model.Score(nowhere, Status::kOpen), 0);
}

TEST(PlsVectors, NoCaseIsForgotten) {
  const std::set<std::string> known = {"meta",
                                       "model",
                                       "stages",
                                       "leads_as_created",
                                       "leads_as_created_note",
                                       "case_A_full_rebuild",
                                       "case_A2_no_team_uses_pooled_rows",
                                       "case_B_live_increment",
                                       "case_C_edit_open_lead",
                                       "case_E_refit_after_field_change",
                                       "case_G_clamp",
                                       "derived_weaknesses"};
  for (const auto& [name, section] : File().items()) {
    EXPECT_EQ(known.count(name), 1u) << name;
  }
  EXPECT_EQ(File().size(), known.size());
  EXPECT_EQ(File()["derived_weaknesses"].size(), 4u) << "three and what verified them";
}

}  // namespace
}  // namespace steward::scoring::testing
