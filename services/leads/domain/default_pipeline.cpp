#include "services/leads/domain/pipeline.h"

namespace steward::leads {
namespace {

std::map<std::string, std::string> Names(const char* zh, const char* en) {
  return {{"zh-Hans", zh}, {"en", en}};
}

}  // namespace

PipelineSpec DefaultPipeline() {
  PipelineSpec spec;
  spec.id = "default";
  spec.version = 1;
  const Evidence source{{"source"}};
  const Evidence needs{{"needs_record"}};
  const Evidence proposal{{"proposal"}};
  const Evidence answer{{"proposal_accepted", "quotation"}};
  const Evidence signed_contract{{"signed_contract"}};
  spec.stages = {
      {"lead_acquired", Names("线索获取", "Lead acquired"), StageKind::kOpen, 1'000, {source}},
      {"needs_analysis", Names("需求分析", "Needs analysis"), StageKind::kOpen, 3'000, {needs}},
      {"proposal", Names("方案呈现", "Proposal"), StageKind::kOpen, 5'000, {proposal}},
      {"negotiation", Names("商务谈判", "Negotiation"), StageKind::kOpen, 8'000, {answer}},
      {"contract_signed",
       Names("合同签订", "Contract signed"),
       StageKind::kWon,
       kFullBasisPoints,
       {signed_contract}},
      {"lost", Names("输单", "Lost"), StageKind::kLost, 0, {}},
      {"dormant", Names("休眠", "Dormant"), StageKind::kDormant, 0, {}},
  };
  constexpr size_t kOpenStages = 4;
  for (size_t from = 0; from < kOpenStages; ++from) {
    const std::string& id = spec.stages[from].id;
    spec.moves.push_back({id, spec.stages[from + 1].id});
    for (size_t back = 0; back < from; ++back) {
      spec.moves.push_back({id, spec.stages[back].id});
    }
    spec.moves.push_back({id, "lost"});
    spec.moves.push_back({id, "dormant"});
  }
  spec.moves.push_back({"dormant", "lost"});
  spec.reopen_won = {true, ""};
  spec.reopen_lost = {true, ""};
  spec.lost_reasons = {
      {"price", Names("价格", "Price"), false},
      {"competitor", Names("竞争对手", "Competitor"), false},
      {"no_budget", Names("无预算", "No budget"), false},
      {"no_need", Names("无需求", "No need"), false},
      {"product_gap", Names("产品不匹配", "Product does not fit"), false},
      {"no_answer", Names("失去联系", "No answer"), false},
      {"other", Names("其他", "Other"), true},
  };
  return spec;
}

}  // namespace steward::leads
