#pragma once
// MeasurementsService: values from outside. One method per RPC.

#include "libs/rpc/paging.h"
#include "libs/rpc/server.h"
#include "libs/service/command.h"
#include "services/scoring/intake/measurement.h"
#include "steward/scoring/v1/measurements_service.pb.h"

namespace steward::scoring {

namespace pb = v1;

// Thread-safe.
class MeasurementsApi {
 public:
  MeasurementsApi(service::Env env, const rpc::PageTokens& tokens, absl::TimeZone zone)
      : env_(env), tokens_(tokens), zone_(zone) {}
  void AddTo(rpc::Server& server);

  absl::Status RecordMeasurement(const rpc::Call&, const pb::RecordMeasurementRequest&,
                                 pb::Measurement*);
  absl::Status BatchRecordMeasurements(const rpc::Call&, const pb::BatchRecordMeasurementsRequest&,
                                       pb::BatchRecordMeasurementsResponse*);
  absl::Status ListMeasurements(const rpc::Call&, const pb::ListMeasurementsRequest&,
                                pb::ListMeasurementsResponse*);

 private:
  // What is to be recorded, and what is there already.
  struct Row {
    std::string path;
    Given given;
    KnownOf known;
  };
  absl::StatusOr<Row> Read(const rpc::Call& call, const std::string& path,
                           const pb::Measurement& from) const;
  absl::Status Record(const rpc::Call& call, std::vector<Row> rows, const std::string& claim,
                      google::protobuf::Message* response,
                      const std::function<void(const std::vector<Row>&)>& answer);

  service::Env env_;
  const rpc::PageTokens& tokens_;
  absl::TimeZone zone_;
};

}  // namespace steward::scoring
