#include <memory>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "libs/rpc/crypto.h"
#include "libs/rpc/validate.h"

namespace steward::rpc {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

// Division that rounds down, also for negative numbers.
int64_t FloorDiv(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
}

}  // namespace

std::string DeterministicBytes(const google::protobuf::Message& message) {
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return out;
}

std::string RequestHash(const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  copy->DiscardUnknownFields();
  if (const auto* field = copy->GetDescriptor()->FindFieldByName("request_id")) {
    copy->GetReflection()->ClearField(copy.get(), field);
  }
  return Sha256(DeterministicBytes(*copy));
}

google::protobuf::Timestamp ToProto(Time t) {
  google::protobuf::Timestamp out;
  out.set_seconds(FloorDiv(t.micros, kMicrosPerSecond));
  out.set_nanos(static_cast<int32_t>(t.micros - out.seconds() * kMicrosPerSecond) * 1'000);
  return out;
}

Time FromProto(const google::protobuf::Timestamp& t) {
  return Time{t.seconds() * kMicrosPerSecond + FloorDiv(t.nanos(), 1'000)};
}

google::protobuf::Duration ToProto(Duration d) {
  google::protobuf::Duration out;
  out.set_seconds(d.micros / kMicrosPerSecond);
  out.set_nanos(static_cast<int32_t>(d.micros % kMicrosPerSecond) * 1'000);
  return out;
}

Duration FromProto(const google::protobuf::Duration& d) {
  return Duration{d.seconds() * kMicrosPerSecond + d.nanos() / 1'000};
}

}  // namespace steward::rpc
