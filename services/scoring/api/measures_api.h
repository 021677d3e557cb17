#pragma once
// MeasuresService: one method per RPC, plain blocking functions that a test calls without gRPC.

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/scoring/storage/measure_reads.h"
#include "steward/scoring/v1/measures_service.pb.h"

namespace steward::scoring {

namespace pb = v1;

// Whether the caller may see this subject's figures: its own, those of the members and teams within reach; regions, customers and the
// company are for a reach over all. NOT_FOUND otherwise, and for a subject that is none INVALID_ARGUMENT naming `field`.
[[nodiscard]] absl::Status CheckSubject(const rpc::Call& call, std::string_view field,
                                        std::string_view subject);
void ToProto(const StoredFact& fact, pb::Fact* out);

// Thread-safe.
class MeasuresApi {
 public:
  MeasuresApi(service::Env env, const rpc::PageTokens& tokens) : env_(env), tokens_(tokens) {}
  void AddTo(rpc::Server& server);

  absl::Status ListMeasures(const rpc::Call&, const pb::ListMeasuresRequest&,
                            pb::ListMeasuresResponse*);
  absl::Status GetMeasure(const rpc::Call&, const pb::GetMeasureRequest&, pb::MeasureTotals*);
  absl::Status ListFacts(const rpc::Call&, const pb::ListFactsRequest&, pb::ListFactsResponse*);

 private:
  service::Env env_;
  const rpc::PageTokens& tokens_;
};

}  // namespace steward::scoring
