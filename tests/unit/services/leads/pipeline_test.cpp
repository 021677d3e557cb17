#include "services/leads/domain/pipeline.h"

#include <gtest/gtest.h>

#include <set>

#include "libs/base/refusals.h"
#include "tests/unit/services/leads/deals.h"

namespace steward::leads {
namespace {

// The faults as `field: description`.
std::vector<std::string> Faults(const PipelineSpec& spec) {
  std::vector<std::string> texts;
  for (const FieldViolation& fault : FaultsOf(spec)) {
    texts.push_back(fault.field + ": " + fault.description);
  }
  return texts;
}

// Exactly this one fault.
void ExpectFault(const PipelineSpec& spec, const std::string& field, const std::string& words) {
  const auto faults = Faults(spec);
  ASSERT_EQ(faults.size(), 1u) << ::testing::PrintToString(faults);
  EXPECT_EQ(faults[0].rfind(field + ": ", 0), 0u) << faults[0];
  EXPECT_NE(faults[0].find(words), std::string::npos) << faults[0];
}

TEST(PipelineTest, TheShippedOneHasTheFiveStagesOfSeed000) {
  const Pipeline& pipeline = Shipped();
  const std::vector<std::string> zh = {"线索获取", "需求分析", "方案呈现", "商务谈判", "合同签订"};
  const std::vector<int> win = {1'000, 3'000, 5'000, 8'000, 10'000};
  for (size_t i = 0; i < zh.size(); ++i) {
    const Stage& stage = pipeline.spec().stages[i];
    EXPECT_EQ(stage.display_names.at("zh-Hans"), zh[i]);
    EXPECT_EQ(stage.win_basis_points, win[i]);
    EXPECT_EQ(pipeline.Rank(stage.id), static_cast<int>(i));
  }
  EXPECT_EQ(pipeline.entry().id, "lead_acquired");
  EXPECT_EQ(pipeline.won().id, "contract_signed");
  EXPECT_EQ(pipeline.lost().id, "lost");
  ASSERT_NE(pipeline.dormant(), nullptr);
  EXPECT_EQ(pipeline.dormant()->kind, StageKind::kDormant);
  EXPECT_EQ(pipeline.Rank("lost"), -1);
  EXPECT_EQ(pipeline.Rank("dormant"), -1);
  EXPECT_EQ(pipeline.Rank("nowhere"), -1);
  EXPECT_EQ(pipeline.Find("nowhere"), nullptr);
  EXPECT_EQ(pipeline.FindLostReason("price")->id, "price");
}

TEST(PipelineTest, NamesAnUnknownStageInAMove) {
  PipelineSpec spec = DefaultPipeline();
  spec.moves.push_back({"proposal", "heaven"});
  ExpectFault(spec, "pipeline.moves[" + std::to_string(spec.moves.size() - 1) + "].to",
              "`heaven` is not a stage");
  spec.moves.back() = {"limbo", "proposal"};
  ExpectFault(spec, "pipeline.moves[" + std::to_string(spec.moves.size() - 1) + "].from",
              "`limbo` is not a stage");
}

TEST(PipelineTest, NamesAStageThatNoMoveReaches) {
  PipelineSpec spec = DefaultPipeline();
  std::erase_if(spec.moves, [](const Move& move) { return move.to == "dormant"; });
  ExpectFault(spec, "pipeline.stages[6]", "`dormant` is reached by no move");
}

TEST(PipelineTest, NeedsOneWonAndOneLostStage) {
  PipelineSpec spec = DefaultPipeline();
  spec.stages[4].kind = StageKind::kOpen;
  ExpectFault(spec, "pipeline.stages", "0 stages of kind WON");
  spec = DefaultPipeline();
  spec.stages[6].kind = StageKind::kLost;
  const auto faults = Faults(spec);
  EXPECT_TRUE(Contains(faults, "pipeline.stages: has 2 stages of kind LOST, not one"))
      << ::testing::PrintToString(faults);
}

TEST(PipelineTest, NeedsProbabilitiesInRange) {
  PipelineSpec spec = DefaultPipeline();
  spec.stages[1].win_basis_points = 10'001;
  ExpectFault(spec, "pipeline.stages[1].win_basis_points", "10001");
  spec.stages[1].win_basis_points = -1;
  ExpectFault(spec, "pipeline.stages[1].win_basis_points", "-1");
  spec = DefaultPipeline();
  spec.stages[4].win_basis_points = 9'999;
  ExpectFault(spec, "pipeline.stages[4].win_basis_points", "10000 where it is won");
  spec = DefaultPipeline();
  spec.stages[5].win_basis_points = 1;
  ExpectFault(spec, "pipeline.stages[5].win_basis_points", "0 where it is lost");
}

TEST(PipelineTest, NamesWhatIsListedTwice) {
  PipelineSpec spec = DefaultPipeline();
  spec.stages[2].id = "needs_analysis";
  std::erase_if(spec.moves,
                [](const Move& move) { return move.from == "proposal" || move.to == "proposal"; });
  spec.moves.push_back({"needs_analysis", "negotiation"});
  ExpectFault(spec, "pipeline.stages[2].id", "`needs_analysis` is listed twice");
  spec = DefaultPipeline();
  spec.moves.push_back(spec.moves.front());
  ExpectFault(spec, "pipeline.moves[" + std::to_string(spec.moves.size() - 1) + "]", "twice");
  spec = DefaultPipeline();
  spec.lost_reasons.push_back(spec.lost_reasons.front());
  ExpectFault(spec, "pipeline.lost_reasons[7].id", "`price` is listed twice");
}

TEST(PipelineTest, ClosedAndDormantStagesAreLeftByTheirRulesAlone) {
  PipelineSpec spec = DefaultPipeline();
  const std::string field = "pipeline.moves[" + std::to_string(spec.moves.size()) + "]";
  spec.moves.push_back({"contract_signed", "lost"});
  ExpectFault(spec, field, "by reopening alone");
  spec.moves.back() = {"lost", "contract_signed"};
  ExpectFault(spec, field, "by reopening alone");
  spec.moves.back() = {"dormant", "proposal"};
  ExpectFault(spec, field, "by waking or losing alone");
  spec.moves.back() = {"proposal", "proposal"};
  ExpectFault(spec, field, "to itself");
  spec.moves.pop_back();
  spec.reopen_won.stage = "lost";
  ExpectFault(spec, "pipeline.reopen_won.stage", "`lost` is not an open stage");
}

TEST(PipelineTest, NamesEveryFaultAtOnce) {
  EXPECT_EQ(Faults(PipelineSpec{}).size(), 6u) << ::testing::PrintToString(Faults({}));
  PipelineSpec spec = DefaultPipeline();
  spec.id = "";
  spec.version = 0;
  spec.stages[0].display_names.erase("zh-Hans");
  spec.stages[1].evidence.push_back({});
  spec.lost_reasons[0].id = "";
  const auto refused = Pipeline::Create(spec);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(ReasonOf(refused.status()), "FIELD_INVALID");
  std::set<std::string> fields;
  const auto refusal = RefusalOf(refused.status());
  for (const FieldViolation& fault : refusal->fields) {
    fields.insert(fault.field);
  }
  EXPECT_EQ(fields, (std::set<std::string>{
                        "pipeline.id", "pipeline.version", "pipeline.stages[0].display_names",
                        "pipeline.stages[1].evidence[1]", "pipeline.lost_reasons[0].id"}));
}

}  // namespace
}  // namespace steward::leads
